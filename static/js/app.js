// 画面はこれなしで動く。ここは手数を減らすだけ。

// 読み上げることばは、画面の言葉で base.html に書いてある。
const spoken = document.getElementById("status");
const live = (text) => { spoken.textContent = text; };

// 写しを取るボタンは、書ける環境でだけ現れる。
const offerCopy = (root) => {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("[data-copy]")) button.hidden = false;
};

const copy = async (button) => {
  await navigator.clipboard.writeText(button.dataset.copy);
  const done = button.querySelector("[data-copy-label]");
  const before = done.textContent;
  done.textContent = spoken.dataset.copied;
  live(spoken.dataset.copied);
  setTimeout(() => { done.textContent = before; }, 2500);
};

// 同じページの中を指すタブだけを ARIA のタブにする。ページをまたぐものはリンクのまま。
const makeTabs = (nav) => {
  const tabs = [...nav.querySelectorAll("a")];
  if (!tabs.every((tab) => tab.hash && tab.pathname === location.pathname && tab.search === location.search)) return;
  const panels = tabs.map((tab) => document.getElementById(decodeURIComponent(tab.hash.slice(1))));
  if (panels.some((panel) => !panel)) return;
  const list = nav.querySelector(".tabs__list");
  nav.setAttribute("role", "presentation");
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", nav.getAttribute("aria-label"));
  nav.removeAttribute("aria-label");
  const select = (chosen, { focus = false } = {}) => {
    tabs.forEach((tab, i) => {
      tab.setAttribute("aria-selected", String(i === chosen));
      tab.tabIndex = i === chosen ? 0 : -1;
      panels[i].hidden = i !== chosen;
    });
    if (focus) tabs[chosen].focus();
  };
  tabs.forEach((tab, i) => {
    tab.parentElement.setAttribute("role", "presentation");
    tab.setAttribute("role", "tab");
    tab.removeAttribute("aria-current");
    tab.id ||= `tab-${panels[i].id}`;
    tab.setAttribute("aria-controls", panels[i].id);
    panels[i].setAttribute("role", "tabpanel");
    panels[i].setAttribute("aria-labelledby", tab.id);
    tab.addEventListener("click", (event) => { event.preventDefault(); select(i); });
    tab.addEventListener("keydown", (event) => {
      const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      select((to + tabs.length) % tabs.length, { focus: true });
    });
  });
  select(Math.max(0, tabs.findIndex((tab) => tab.hash === location.hash)));
};

// いま見ているページの番号を、見出しの帯に出す。
const followPages = (viewer) => {
  const here = viewer.querySelector("[data-viewer-here]");
  if (!here || !("IntersectionObserver" in window)) return;
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) here.textContent = entry.target.dataset.page;
  }, { rootMargin: "-40% 0px -55% 0px" });
  viewer.querySelectorAll("[data-page]").forEach((page) => observer.observe(page));
};

// 二度押しを防ぐ。ダウンロードのように画面が変わらない送信もあるので、少し待って元に戻す。
const sending = new WeakSet();
document.addEventListener("submit", (event) => {
  const form = event.target;
  // 枠の中に出すだけの送信（formtarget）は、何も変えないので、続けて押せる
  if (event.defaultPrevented || form.method !== "post" || event.submitter?.formTarget) return;
  if (sending.has(form)) {
    event.preventDefault();
    return;
  }
  sending.add(form);
  event.submitter?.setAttribute("aria-disabled", "true");
  live(spoken.dataset.sending);
  setTimeout(() => {
    sending.delete(form);
    event.submitter?.removeAttribute("aria-disabled");
  }, 5000);
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
  for (const menu of document.querySelectorAll(".drop[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll(".drop[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// 見えていない画面は尋ねず、見えたときにすぐ尋ねる。
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.detail.elt.matches("[data-while-visible]")) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("[data-while-visible]")) htmx.trigger(element, "look");
});

// 受信箱の件数が変わったら、窓の題にも出す。
const countInTitle = (inbox) => {
  const title = document.title.replace(/^\(\d+\) /, "");
  document.title = Number(inbox.dataset.number) ? `(${inbox.dataset.number}) ${title}` : title;
};

// 条件の誤りは、誤りを示した画面に置き替える。
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, target } = event.detail;
  if (xhr.status === 422 && target.matches("[data-swap-refusals]")) event.detail.shouldSwap = true;
});

// 答えが替わったことを読み上げ、押したものが消えていたら、焦点を件数へ移す。
const tellAnswers = (root) => {
  const told = root.querySelector("[data-told]");
  if (!told) return;
  live(told.dataset.told || told.textContent.replace(/\s+/g, " ").trim());
  setTimeout(() => { if (document.activeElement === document.body) told.focus({ preventScroll: true }); }, 50);
};

const refine = (root) => {
  offerCopy(root);
  root.querySelectorAll("[data-tabs]").forEach(makeTabs);
  root.querySelectorAll("[data-viewer]").forEach(followPages);
};
refine(document);
document.addEventListener("htmx:load", (event) => {
  if (event.target === document.body) return;
  refine(event.target);
  if (event.target.id === "inbox") countInTitle(event.target);
  if (["archive", "answer"].includes(event.target.id)) tellAnswers(event.target);
});
document.querySelector("[data-focus-on-load]")?.focus();

// 操作のないまま終わる前に知らせる。ほかのタブでの操作も、いるしるしになる。
const idle = document.getElementById("idle");
if (idle) {
  const SEEN = "musubi-seen";
  const after = Number(idle.dataset.after) * 1000;
  let seen = Date.now();
  const here = (when) => { seen = when; if (idle.open) idle.close(); };
  localStorage.setItem(SEEN, String(seen));
  addEventListener("storage", (event) => { if (event.key === SEEN) here(Number(event.newValue)); });
  idle.addEventListener("cancel", (event) => event.preventDefault());
  idle.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.successful) { location.reload(); return; }
    here(Date.now());
    localStorage.setItem(SEEN, String(seen));
  });
  setInterval(() => { if (Date.now() - seen >= after && !idle.open) idle.showModal(); }, 1000);
}
// 延ばせない終わりの十分前に、一度だけ告げる。長く待つ時計は、眠った機械では遅れるので、時刻で比べる。
const lasting = document.getElementById("lasting");
if (lasting) {
  const ends = Date.now() + Number(lasting.dataset.left) * 1000;
  const told = setInterval(() => {
    if (ends - Date.now() > 10 * 60 * 1000) return;
    clearInterval(told);
    lasting.showModal();
  }, 1000);
}
