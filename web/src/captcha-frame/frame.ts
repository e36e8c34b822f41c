/**
 * The page in the frame: loads the vendor's script and shows its widget. It holds nothing that anybody could take: the reader's
 * form and session are the parent's.
 */
import "./frame.css";
import type { FrameMessage, WidgetTask } from "./messages.ts";
import { widgets } from "./widgets.ts";

interface Facts {
  readonly kind: string;
  readonly script: string;
  readonly region?: string;
}

/** On a slow telephone; after it the reader is told. */
const scriptTimeoutMillis = 20_000;

const facts = JSON.parse(document.getElementById("captcha")?.textContent || "{}") as Facts;
const say = (message: FrameMessage) => window.parent.postMessage(message, location.origin);

function load(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve();
    script.onerror = () => reject(new Error("the captcha's script did not come"));
    setTimeout(() => reject(new Error("the captcha's script is late")), scriptTimeoutMillis);
    document.head.append(script);
  });
}

async function show(task: WidgetTask): Promise<void> {
  const widget = widgets[facts.kind];
  if (widget === undefined) return say({ captcha: "failed" });
  document.documentElement.lang = task.language;
  // A vendor that knows no dark look keeps its light one.
  if (widget.hasDark) document.documentElement.dataset.theme = task.isDark ? "dark" : "light";
  try {
    await load(widget.prepare?.(facts, task) ?? facts.script);
    widget.show(task, {
      token: (token) => say({ captcha: "token", token }),
      closed: () => say({ captcha: "closed" }),
      failed: () => say({ captcha: "failed" }),
    });
    say({ captcha: "shown" });
  } catch {
    // The parent's dialog has the words for it.
    say({ captcha: "failed" });
  }
}

if (window.parent !== window) {
  window.addEventListener(
    "message",
    ({ origin, source, data }) => {
      if (origin === location.origin && source === window.parent) void show(data as WidgetTask);
    },
    { once: true },
  );
  window.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") say({ captcha: "closed" });
  });
  say({ captcha: "ready" });
}
