// What cannot be read or reached in the page on show, in words.
const found = [];
const dialog = [...document.querySelectorAll("dialog[open]")].at(-1);
const popover = document.querySelector("[popover]:popover-open");
const page = document.scrollingElement;
const stage = dialog ?? document.body;
const named = (element) => {
  const words = (element.getAttribute("aria-label") ?? element.innerText ?? "").trim().slice(0, 40);
  return `<${element.localName} class="${element.className.baseVal ?? element.className}"> "${words}"`;
};
const beyond = (element) => element.scrollWidth - element.clientWidth;

if (beyond(page) > 0) {
  const wide = [...document.querySelectorAll("body *")].filter((element) => {
    const { left, right } = element.getBoundingClientRect();
    return right > page.clientWidth + 1 || left < -1;
  });
  found.push(`the page scrolls sideways by ${beyond(page)} px: ${wide.slice(0, 3).map(named)}`);
}
if (dialog && beyond(dialog) > 0) found.push(`the dialog scrolls sideways by ${beyond(dialog)} px`);

// What is there for assistive technology alone is cut on purpose.
const isUnseen = (element) => {
  for (let it = element; it; it = it.parentElement) {
    const { clipPath, opacity } = getComputedStyle(it);
    if (clipPath !== "none" || opacity === "0") return true;
  }
  return false;
};
const isSeen = (element) => element.checkVisibility({ visibilityProperty: true }) && !isUnseen(element);

// No text is cut by an element that it stands in, nor by the window's side.
const texts = document.createTreeWalker(stage, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
  const text = texts.currentNode;
  const parent = text.parentElement;
  if (!text.data.trim() || parent.closest("option, script, title, [aria-hidden=true]")) continue;
  if (!isSeen(parent)) continue;
  const range = document.createRange();
  range.selectNodeContents(text);
  const rect = range.getBoundingClientRect();
  if (rect.width === 0) continue;
  let scrolls = false;
  for (let it = parent; it && it !== document.documentElement; it = it.parentElement) {
    const style = getComputedStyle(it);
    const [x, y] = [style.overflowX, style.overflowY];
    const box = it.getBoundingClientRect();
    const across = rect.left < box.left - 1 || rect.right > box.right + 1;
    const down = rect.top < box.top - 1 || rect.bottom > box.bottom + 1;
    const cuts = (overflow) => overflow === "hidden" || overflow === "clip";
    // A text that ends in an ellipsis and is whole in a title is cut on purpose.
    const isShortened = style.textOverflow === "ellipsis" && it.closest("[title]");
    if (!isShortened && ((cuts(x) && across) || (cuts(y) && down && !scrolls))) {
      found.push(`a text is cut: "${text.data.trim().slice(0, 40)}" by ${named(it)}`);
      break;
    }
    if (isShortened) scrolls = true;
    if (x === "auto" || x === "scroll" || y === "auto" || y === "scroll") scrolls = true;
  }
  if (!scrolls && (rect.left < -1 || rect.right > page.clientWidth + 1)) {
    found.push(`a text is beyond the window: "${text.data.trim().slice(0, 40)}"`);
  }
}

// Every action can be brought into sight, and nothing covers it there.
const places = [scrollX, scrollY];
const controls = (popover ?? stage).querySelectorAll("a[href], button, input, select, summary");
for (const control of controls) {
  if (control.disabled || control.closest("[inert]")) continue;
  if (!control.checkVisibility({ visibilityProperty: true })) continue;
  if (!popover && control.closest("[popover]")) continue;
  // What shows only while it has the focus is reached by the keyboard.
  const hadFocus = document.activeElement;
  const needsFocus = isUnseen(control) && control.localName !== "input";
  if (needsFocus) control.focus({ preventScroll: true });
  control.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
  const { left, right, top, bottom, width, height } = control.getBoundingClientRect();
  // What a label stands for is reached by the label.
  if (width <= 1 || height <= 1) continue;
  const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  const label = control.labels?.[0];
  if (!hit || !(control.contains(hit) || hit.contains(control) || label?.contains(hit))) {
    const by = hit ? named(hit) : "the window's edge";
    found.push(`an action cannot be reached: ${named(control)} behind ${by}`);
  }
  if (needsFocus) hadFocus?.focus({ preventScroll: true });
}
scrollTo({ left: places[0], top: places[1], behavior: "instant" });
return [...new Set(found)];
