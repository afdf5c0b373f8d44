// 通信せずに、上の ROWS から探す。全角と半角、ひらがなとカタカナ、大文字と小文字を区別しない。
const fold = (text) =>
  String(text ?? "")
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[ぁ-ゖ]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0x60));

const MOST = 200;
const KEYS = ROWS.map((row) => fold(Object.values(row).join(" ")));

const show = (box, list, note, root) => {
  const words = fold(box.value).split(/\s+/).filter(Boolean);
  list.replaceChildren();
  if (!words.length) {
    note.textContent = "";
    return;
  }
  const found = ROWS.filter((_, place) => words.every((word) => KEYS[place].includes(word)));
  note.textContent =
    found.length > MOST ? `${found.length}件のうち、はじめの${MOST}件を表示しています。` : `${found.length}件`;
  for (const row of found.slice(0, MOST)) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = `${root}${row.folder.split("/").map(encodeURIComponent).join("/")}/${encodeURIComponent(RECORD)}`;
    link.textContent = row.title;
    const more = document.createElement("span");
    more.className = "muted";
    more.textContent = `　${row.number}　${row.contractor}　${Number(row.amount).toLocaleString("ja-JP")}円　${row.fixed}　${row.state}`;
    item.append(link, more);
    list.append(item);
  }
};

document.addEventListener("DOMContentLoaded", () => {
  const box = document.getElementById("words");
  const list = document.getElementById("found");
  const note = document.getElementById("note");
  const search = document.getElementById("search");
  search.hidden = false;
  box.addEventListener("input", () => show(box, list, note, search.dataset.root));
});
