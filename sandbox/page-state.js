// Brings a page of the site into the state that is written into it (page-states.ts), for /sandbox/brand/ in development.
// Runs before anything of the page does. What the page keeps stays in memory: a preview is nobody's log-in, and no
// preview is another one's.
(() => {
  const state = JSON.parse(document.getElementById("page-state").textContent);

  function memory(items) {
    return Object.assign(
      Object.create({
        getItem(key) {
          return Object.hasOwn(this, key) ? this[key] : null;
        },
        setItem(key, value) {
          this[key] = String(value);
        },
        removeItem(key) {
          delete this[key];
        },
        clear() {
          for (const key of Object.keys(this)) delete this[key];
        },
      }),
      items,
    );
  }
  const replace = (name, value) => Object.defineProperty(window, name, { value, configurable: true });
  replace("localStorage", memory(state.local));
  replace("sessionStorage", memory(state.session));
  // Other frames are no other tabs of one reader.
  replace("BroadcastChannel", undefined);
  // Many are shown at once: none may scroll the others away.
  if (window !== window.top) HTMLElement.prototype.focus = () => {};
  history.replaceState(null, "", state.path);

  const { fetch } = window;
  window.fetch = (address, options) =>
    fetch(
      new URL(address, location.href).pathname === state.config.from ? state.config.to : address,
      options,
    );

  async function found(selector) {
    for (;;) {
      const element = document.querySelector(selector);
      if (element !== null) return element;
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  async function act([selector, value]) {
    const element = await found(selector);
    if (value === null) return element.click();
    element.value = value;
    for (const kind of ["input", "change", "blur"]) element.dispatchEvent(new Event(kind, { bubbles: true }));
  }

  async function reach() {
    for (const one of state.acts) await act(one);
    await found(state.shows);
    document.documentElement.dataset.reached = state.name;
  }
  document.addEventListener("DOMContentLoaded", reach);
})();
