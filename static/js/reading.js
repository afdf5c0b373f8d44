// 文書の切替えを ARIA のタブにする。矢印で選び、Enter か空白で開く。これなしでも、ただのリンクとして動く。

const panel = document.getElementById("panel");
for (const nav of document.querySelectorAll("[data-document-tabs]")) {
  const list = nav.querySelector("ul");
  const tabs = [...nav.querySelectorAll("a")];
  nav.setAttribute("role", "presentation");
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", nav.getAttribute("aria-label"));
  nav.removeAttribute("aria-label");
  for (const [place, tab] of tabs.entries()) {
    const isOpen = tab.hasAttribute("aria-current");
    tab.removeAttribute("aria-current");
    tab.parentElement.setAttribute("role", "presentation");
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-selected", String(isOpen));
    tab.tabIndex = isOpen ? 0 : -1;
    if (isOpen) {
      tab.setAttribute("aria-controls", panel.id);
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", tab.id);
    }
    tab.addEventListener("keydown", (event) => {
      const to = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (event.key === " ") tab.click();
      else if (to === undefined) return;
      else tabs[(to + tabs.length) % tabs.length].focus();
      event.preventDefault();
    });
  }
}
