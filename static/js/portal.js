// Every behaviour of the pages; each file is one, and none is needed for a page to work.
import "./abilities.js";
import "./submit-once.js";
import "./confirm-dialog.js";
import "./menu.js";
import "./show-password.js";
import "./copy-link.js";
import "./share.js";
import "./photo-preview.js";
import "./focus-news.js";
import "./print-page.js";
import "./contact-pick.js";
import "./signed-out.js";
