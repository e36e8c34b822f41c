/**
 * What the account's pages show of the account. Read anew when another account logs in, which another tab can do to a
 * remembered session: one account's facts must never be shown, or saved, under another one's token.
 */
import type { CurrentUser } from "@meiduo/client";
import { ref, watch } from "vue";
import { api } from "../api.ts";
import { session } from "../session.ts";
import { describeFailure, type Failure } from "../ui/failure-text.ts";

export function useCurrentUser() {
  const user = ref<CurrentUser | null>(null);
  const failure = ref<Failure | null>(null);

  async function load(userId: number | undefined): Promise<void> {
    user.value = null;
    failure.value = null;
    if (userId === undefined) return;
    // A page of the tutorial's kind may have left no id: NaN, which equals only itself here.
    const stillAsked = () => Object.is(session.facts?.userId, userId);
    try {
      const found = await api().currentUser();
      if (stillAsked()) user.value = found;
    } catch (error) {
      if (stillAsked()) failure.value = describeFailure(error);
    }
  }

  watch(() => session.facts?.userId, load, { immediate: true });
  return { user, failure };
}
