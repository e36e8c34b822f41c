/** Keeps what was typed for the back button and a reload, in this tab only. Never a password, never a code. */
import { watch } from "vue";
import { itemKeys, readJson, removeItem, writeItem } from "./browser-storage.ts";

/** What the names of drafts begin with that are for one account's eyes: a log-out drops them. */
export const accountDrafts = "account.";

export function useDraft<Values extends Record<string, unknown>>(
  name: string,
  values: Values,
  kept: readonly (keyof Values & string)[],
): { clear(): void; saved(): void } {
  const key = keyOf(name);
  const draft = readJson("session", key);
  if (typeof draft === "object" && draft !== null) {
    for (const field of kept) {
      const value = (draft as Record<string, unknown>)[field];
      if (typeof value === typeof values[field]) values[field] = value as Values[typeof field];
    }
  }
  const stop = watch(
    () => kept.map((field) => values[field]),
    () => {
      writeItem(
        "session",
        key,
        JSON.stringify(Object.fromEntries(kept.map((field) => [field, values[field]]))),
      );
    },
    // At once: `saved` must not be overtaken by a change that came before it.
    { flush: "sync" },
  );
  return {
    /** The form has done its work and is left. */
    clear() {
      stop();
      forgetDraft(name);
    },
    /** What was typed is kept elsewhere now; the form stays open. */
    saved: () => forgetDraft(name),
  };
}

function forgetDraft(name: string): void {
  removeItem("session", keyOf(name));
}

/** Drops what was typed into every form whose name begins so. */
export function forgetDrafts(beginning: string): void {
  for (const key of itemKeys("session")) {
    if (key.startsWith(keyOf(beginning))) removeItem("session", key);
  }
}

function keyOf(name: string): string {
  return `meiduo.draft.${name}`;
}
