// Tells the style sheet what this browser can do, so that controls without effect stay hidden.
const root = document.documentElement;
root.dataset.js = "";
if (navigator.share) root.dataset.share = "";
if (navigator.contacts) root.dataset.contacts = "";
