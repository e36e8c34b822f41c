/**
 * Asking for a verification code, by e-mail or by SMS: one request at a time, then a countdown until the next is allowed. How long that is
 * only the server knows and says with each answer. It counts by address, so a mistyped one does not hold up the right
 * one. The end of the countdown is kept for the tab: a reload must not offer a button the server would refuse.
 */
import { ApiError } from "@meiduo/client";
import { computed, onScopeDispose, ref } from "vue";
import { readJson, writeItem } from "../browser-storage.ts";

/** For a server of the tutorial's kind, which says nothing: its interval. */
const tutorialIntervalSeconds = 60;
/** The longest wait: a day, where the address got its codes of one. A clock set back must not lock the button for longer. */
const longestSeconds = 86_400;
/** Refusals that a wait ends: of this address or number, and of everybody at this browser. */
const tooSoon: readonly string[] = ["code_too_frequent", "sms_too_frequent", "throttled"];
const storageKey = "meiduo.code-wait";

interface Wait {
  /** Null: whichever the address, because this browser has asked too often. */
  readonly address: string | null;
  readonly endsAt: number;
  /** What a code was sent for; null where it was refused. */
  readonly purpose: string | null;
}

/** `address` is what is in the field now, an address or a number; `ask` sends a code there. */
export function useCodeSending<Purpose extends string>(
  purpose: Purpose,
  address: () => string,
  ask: (address: string, purpose: Purpose) => Promise<{ retryAfterSeconds?: number }>,
  now: () => number = Date.now,
) {
  const wait = ref<Wait | null>(readWait());
  const time = ref(now());
  const busy = ref(false);
  let timer: ReturnType<typeof setInterval> | undefined;

  const concerned = computed(() => {
    const about = wait.value?.address;
    return wait.value !== null && (about === null || about === foldAddress(address()));
  });
  const secondsLeft = computed(() =>
    concerned.value ? Math.max(0, Math.ceil((wait.value!.endsAt - time.value) / 1000)) : 0,
  );
  /** The address in the field where a code for this purpose went there, else null. */
  const sentTo = computed(() =>
    concerned.value && wait.value?.purpose === purpose && wait.value.address !== null
      ? address().trim()
      : null,
  );

  function tick(): void {
    time.value = now();
    if (wait.value !== null && wait.value.endsAt > time.value) return;
    clearInterval(timer);
    timer = undefined;
  }

  function run(): void {
    clearInterval(timer);
    timer = setInterval(tick, 250);
    tick();
  }

  function startWaiting(seconds: number, about: Pick<Wait, "address" | "purpose">): void {
    wait.value = { ...about, endsAt: now() + Math.min(seconds, longestSeconds) * 1000 };
    writeItem("session", storageKey, JSON.stringify(wait.value));
    run();
  }

  /** Sends a code. Rejects with the ApiError; a refusal because it was too soon starts the countdown the server asks for. */
  async function send(): Promise<void> {
    if (busy.value || secondsLeft.value > 0) return;
    const to = address().trim();
    busy.value = true;
    try {
      const { retryAfterSeconds = tutorialIntervalSeconds } = await ask(to, purpose);
      startWaiting(retryAfterSeconds, { address: foldAddress(to), purpose });
    } catch (error) {
      if (error instanceof ApiError && tooSoon.includes(error.code)) {
        const about = error.code === "throttled" ? null : foldAddress(to);
        startWaiting(error.retryAfterSeconds ?? tutorialIntervalSeconds, { address: about, purpose: null });
      }
      throw error;
    } finally {
      busy.value = false;
    }
  }

  function readWait(): Wait | null {
    const kept = readJson("session", storageKey) as Partial<Wait> | null;
    if (typeof kept?.endsAt !== "number" || kept.endsAt - now() > longestSeconds * 1000) return null;
    const { endsAt, address: about, purpose: kind } = kept;
    if (endsAt <= now() || (about !== null && typeof about !== "string")) return null;
    return { endsAt, address: about, purpose: typeof kind === "string" ? kind : null };
  }

  if (wait.value !== null) run();
  onScopeDispose(() => clearInterval(timer));
  return { secondsLeft, busy, sentTo, send };
}

/** The server takes the same address in another case for the same. */
function foldAddress(email: string): string {
  return email.trim().toLowerCase();
}
