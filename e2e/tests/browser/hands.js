// The hands of a script that acts in the page as a user does, for what is done very often.
const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const until = async (what, holds) => {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const found = holds();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
};
const button = (name, root = document) => until(`the button ${name}`, () => all("button", root).find(
  (it) => (it.getAttribute("aria-label") ?? it.textContent.trim()) === name,
));
const press = async (name, root) => (await button(name, root)).click();
const type = (field, text) => {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
};
const closed = () => until("the dialog to close", () => !one("dialog[open]"));
