// パスキーの儀式（allauth の webauthn.js）が終わらなかったことを、頁の上で伝える。
const tell = (why) => {
  const told = document.getElementById("passkey-error");
  for (const each of told.querySelectorAll("[data-why]")) each.hidden = each.dataset.why !== why;
  told.hidden = false;
  told.focus();
};
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  tell(window.PublicKeyCredential ? "refused" : "absent");
});
for (const each of document.querySelectorAll("[data-passkey]")) {
  window.allauth.webauthn.forms[each.dataset.passkey]({ ids: JSON.parse(each.dataset.ids) });
}
