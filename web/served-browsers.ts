/**
 * The oldest browsers that are served, and what is younger than they are. The build writes their syntax
 * (vite.config.ts); web/test/served-browsers.test.ts looks through what was built, and
 * e2e/journeys/oldest-browsers.test.ts goes through the site without any of it.
 *
 * QQ's, WeChat's and other in-app pages are these engines: Chromium on Android, the system's WebKit on iOS.
 */
export const oldestBrowsers = ["chrome87", "edge88", "firefox78", "safari14", "ios14"] as const;

/** Something a browser here lacks. */
export interface YoungerApi {
  /** Where it lies, from the global object. */
  readonly path: string;
  /** The versions it came in; null where none has it yet. */
  readonly chrome: number | null;
  readonly safari: number | null;
  /** How a use looks in built code, where its name alone would also find something else. */
  readonly use?: RegExp;
}

/** Uses that ask first, and work without: as they are written in built code. */
export const guardedUses: readonly RegExp[] = [
  // session.ts: without it a log-out reaches other tabs by the event of localStorage, or at their next request.
  /typeof BroadcastChannel>`u`\?null:new BroadcastChannel/g,
  // The client's browser-store.ts, likewise.
  /typeof BroadcastChannel === "undefined" \? null : new BroadcastChannel/g,
  // Vue's reactive arrays have these methods for whoever calls them; its router asks before it animates a change.
  /\b(?:findLast|findLastIndex|toReversed|toSorted|toSpliced)\([\w,.]*\)\{return [^{}]*\}/g,
  /`startViewTransition`in document&&document\.startViewTransition\(/g,
  // Vue keeps it, undefined or not, for components that are hydrated late; the site has none.
  /\w+\(\)\.requestIdleCallback,\w+\(\)\.cancelIdleCallback/g,
];

const method = (name: string) => new RegExp(`\\.${name}\\(`);

/** What came later than Chrome 87 or Safari 14, as far as a site like this could want it. */
export const youngerApis: readonly YoungerApi[] = [
  { path: "URL.canParse", chrome: 120, safari: 17 },
  { path: "URL.parse", chrome: 126, safari: 18 },
  { path: "AbortSignal.timeout", chrome: 103, safari: 16 },
  { path: "AbortSignal.any", chrome: 116, safari: 17.4 },
  { path: "AbortSignal.abort", chrome: 93, safari: 15 },
  { path: "AbortSignal.prototype.reason", chrome: 98, safari: 15.4, use: /\bsignal\.reason\b/ },
  { path: "AbortSignal.prototype.throwIfAborted", chrome: 100, safari: 15.4 },
  { path: "Response.json", chrome: 105, safari: 17 },
  { path: "Request.prototype.duplex", chrome: 105, safari: null, use: /\bduplex:/ },
  { path: "structuredClone", chrome: 98, safari: 15.4 },
  { path: "reportError", chrome: 95, safari: 15.4 },
  { path: "BroadcastChannel", chrome: 54, safari: 15.4 },
  { path: "requestIdleCallback", chrome: 47, safari: null },
  { path: "cancelIdleCallback", chrome: 47, safari: null },
  { path: "scheduler", chrome: 94, safari: null, use: /\bscheduler\.(?:postTask|yield)\(/ },
  { path: "navigation", chrome: 102, safari: 26.2, use: /\b(?:window|globalThis)\.navigation\b/ },
  { path: "WeakRef", chrome: 84, safari: 14.1 },
  { path: "FinalizationRegistry", chrome: 84, safari: 14.1 },
  { path: "Iterator", chrome: 122, safari: 18.4, use: /\bIterator\.(?:from|concat|prototype)\b/ },
  { path: "Array.prototype.at", chrome: 92, safari: 15.4, use: method("at") },
  { path: "String.prototype.at", chrome: 92, safari: 15.4, use: method("at") },
  { path: "Array.prototype.findLast", chrome: 97, safari: 15.4, use: method("findLast") },
  { path: "Array.prototype.findLastIndex", chrome: 97, safari: 15.4, use: method("findLastIndex") },
  { path: "Array.prototype.toReversed", chrome: 110, safari: 16, use: method("toReversed") },
  { path: "Array.prototype.toSorted", chrome: 110, safari: 16, use: method("toSorted") },
  { path: "Array.prototype.toSpliced", chrome: 110, safari: 16, use: method("toSpliced") },
  { path: "Array.prototype.with", chrome: 110, safari: 16, use: method("with") },
  { path: "Array.fromAsync", chrome: 121, safari: 16.4 },
  { path: "Object.hasOwn", chrome: 93, safari: 15.4, use: /\bObject\.hasOwn\b/ },
  { path: "Object.groupBy", chrome: 117, safari: 17.4 },
  { path: "Map.groupBy", chrome: 117, safari: 17.4 },
  { path: "Map.prototype.getOrInsert", chrome: 145, safari: 26.2, use: method("getOrInsert") },
  { path: "Set.prototype.union", chrome: 122, safari: 17, use: method("union") },
  { path: "Set.prototype.intersection", chrome: 122, safari: 17, use: method("intersection") },
  { path: "Set.prototype.difference", chrome: 122, safari: 17, use: method("difference") },
  { path: "Set.prototype.isSubsetOf", chrome: 122, safari: 17, use: method("isSubsetOf") },
  { path: "Promise.withResolvers", chrome: 119, safari: 17.4 },
  { path: "Promise.try", chrome: 128, safari: 18.2, use: /\bPromise\.try\b/ },
  { path: "String.prototype.isWellFormed", chrome: 111, safari: 16.4 },
  { path: "String.prototype.toWellFormed", chrome: 111, safari: 16.4 },
  { path: "RegExp.escape", chrome: 136, safari: 18.2 },
  { path: "Error.captureStackTrace", chrome: 3, safari: 17.2 },
  { path: "Error.isError", chrome: 134, safari: 26.4 },
  { path: "Atomics.waitAsync", chrome: 87, safari: 16.4 },
  { path: "Intl.Segmenter", chrome: 87, safari: 14.1 },
  { path: "Intl.DurationFormat", chrome: 129, safari: 16.4 },
  { path: "Intl.supportedValuesOf", chrome: 99, safari: 15.4 },
  { path: "Crypto.prototype.randomUUID", chrome: 92, safari: 15.4, use: method("randomUUID") },
  { path: "Uint8Array.fromBase64", chrome: 140, safari: 18.2 },
  { path: "Uint8Array.prototype.toBase64", chrome: 140, safari: 18.2, use: method("toBase64") },
  { path: "Navigator.prototype.locks", chrome: 69, safari: 15.4, use: /\bnavigator\.locks\b/ },
  { path: "Navigator.prototype.userAgentData", chrome: 90, safari: null },
  { path: "Navigator.prototype.userActivation", chrome: 72, safari: 16.4 },
  { path: "CompressionStream", chrome: 80, safari: 16.4 },
  { path: "DecompressionStream", chrome: 80, safari: 16.4 },
  { path: "TransformStream", chrome: 67, safari: 14.1 },
  { path: "ElementInternals", chrome: 77, safari: 16.4 },
  { path: "Sanitizer", chrome: 146, safari: null, use: /\bnew Sanitizer\b/ },
  { path: "CSSStyleSheet.prototype.replaceSync", chrome: 73, safari: 16.4, use: method("replaceSync") },
  { path: "Document.prototype.startViewTransition", chrome: 111, safari: 18 },
  { path: "Document.prototype.adoptedStyleSheets", chrome: 73, safari: 16.4 },
  { path: "Element.prototype.checkVisibility", chrome: 105, safari: 17.4 },
  { path: "Element.prototype.setHTML", chrome: 146, safari: null, use: method("setHTML") },
  { path: "Element.prototype.setHTMLUnsafe", chrome: 124, safari: 17.4 },
  { path: "Element.prototype.moveBefore", chrome: 133, safari: null, use: method("moveBefore") },
  { path: "HTMLElement.prototype.inert", chrome: 102, safari: 15.5, use: /\.inert\b|\binert:/ },
  { path: "HTMLElement.prototype.showPopover", chrome: 114, safari: 17 },
  { path: "HTMLElement.prototype.attachInternals", chrome: 77, safari: 16.4 },
  { path: "HTMLDialogElement.prototype.showModal", chrome: 37, safari: 15.4, use: method("showModal") },
  { path: "HTMLFormElement.prototype.requestSubmit", chrome: 76, safari: 16, use: method("requestSubmit") },
  { path: "HTMLInputElement.prototype.showPicker", chrome: 99, safari: 16, use: method("showPicker") },
  { path: "SubmitEvent.prototype.submitter", chrome: 81, safari: 15.4, use: /\.submitter\b/ },
];
