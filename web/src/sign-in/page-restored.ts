import { onScopeDispose } from "vue";

/**
 * Calls back when Back shows this page again as it was left (the browser's back/forward cache): nothing is mounted
 * anew then, and a button that was waiting for the next page would wait for ever.
 */
export function onPageRestored(callback: () => void): void {
  const listen = (event: PageTransitionEvent) => {
    if (event.persisted) callback();
  };
  window.addEventListener("pageshow", listen);
  onScopeDispose(() => window.removeEventListener("pageshow", listen));
}
