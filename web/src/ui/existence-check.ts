/**
 * Asks the server, a moment after typing stops, whether a name or an address is taken. Late answers to earlier
 * questions are dropped; a failed question says nothing, because the sign-up itself asks again.
 */
import { onScopeDispose, ref } from "vue";

export type Existence = "unknown" | "checking" | "free" | "taken";
export const askAfterMs = 400;

export function useExistenceCheck(count: (value: string, signal: AbortSignal) => Promise<number>) {
  const state = ref<Existence>("unknown");
  let timer: ReturnType<typeof setTimeout> | undefined;
  let question: AbortController | undefined;
  let asked = "";

  /** The value changed: `valid` says whether it is worth asking about. */
  function consider(value: string, valid: boolean): void {
    if (value === asked && state.value !== "unknown") return;
    cancel();
    if (valid) timer = setTimeout(() => void ask(value), askAfterMs);
  }

  /** The field was left: ask now. */
  function askNow(value: string, valid: boolean): void {
    if (!valid || (value === asked && state.value !== "unknown")) return;
    cancel();
    void ask(value);
  }

  async function ask(value: string): Promise<void> {
    const mine = new AbortController();
    question = mine;
    asked = value;
    state.value = "checking";
    try {
      const found = await count(value, mine.signal);
      if (!mine.signal.aborted) state.value = found > 0 ? "taken" : "free";
    } catch {
      if (!mine.signal.aborted) state.value = "unknown";
    }
  }

  function cancel(): void {
    clearTimeout(timer);
    question?.abort();
    state.value = "unknown";
    asked = "";
  }

  onScopeDispose(cancel);
  return { state, consider, askNow };
}
