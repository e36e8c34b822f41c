/** Keeps what was typed for the back button and a reload, in this tab only. Never a password, never a code. */
import { watch } from "vue";
import { readJson, removeItem, writeItem } from "../browser-storage.ts";

export function useDraft<Values extends Record<string, unknown>>(
  name: string,
  values: Values,
  kept: readonly (keyof Values & string)[],
): { clear(): void } {
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
  );
  return {
    clear() {
      stop();
      forgetDraft(name);
    },
  };
}

/** Drops what was typed into a form that is not open. */
export function forgetDraft(name: string): void {
  removeItem("session", keyOf(name));
}

function keyOf(name: string): string {
  return `meiduo.draft.${name}`;
}
