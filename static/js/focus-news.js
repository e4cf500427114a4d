// A refused form, or the answer to a scan, takes the focus: it is read first, and Tab goes on from there. Once:
// what moves elsewhere on the page later does not call anybody back.
function focusNews() {
  const news = document.querySelectorAll("[data-focus]");
  news.forEach((element) => element.removeAttribute("data-focus"));
  news[0]?.focus();
}

focusNews();
document.addEventListener("htmx:after:swap", focusNews);
