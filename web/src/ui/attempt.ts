import { type Ref, ref } from "vue";
import { describeFailure, type Failure } from "./failure-text.ts";

export interface Attempt {
  readonly busy: Readonly<Ref<boolean>>;
  readonly failure: Readonly<Ref<Failure | null>>;
  /** Does it unless something is being done, and says what went wrong. */
  attempt(act: () => Promise<void>): Promise<void>;
}

/** What a button does that has no form: one thing at a time. A failure is shown where `isShown` answers true by then. */
export function useAttempt(isShown: () => boolean = () => true): Attempt {
  const busy = ref(false);
  const failure = ref<Failure | null>(null);

  async function attempt(act: () => Promise<void>): Promise<void> {
    if (busy.value) return;
    busy.value = true;
    failure.value = null;
    try {
      await act();
    } catch (error) {
      if (isShown()) failure.value = describeFailure(error);
    } finally {
      busy.value = false;
    }
  }

  return { busy, failure, attempt };
}
