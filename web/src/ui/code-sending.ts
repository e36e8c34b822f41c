/**
 * Asking for a verification code: one request at a time, then a countdown until the next is allowed. The end of the
 * countdown is kept for the tab, so that a reload does not offer a button the server would refuse.
 */
import { ApiError, type EmailCodePurpose } from "@meiduo/client";
import { onScopeDispose, ref } from "vue";
import { api } from "../api.ts";
import { readJson, writeItem } from "../browser-storage.ts";

/** The server's interval for an address where it says nothing else (SEND_CODE_INTERVAL). */
const usualIntervalSeconds = 60;
const storageKey = "meiduo.code-wait";

export function useCodeSending(purpose: EmailCodePurpose, now: () => number = Date.now) {
  const secondsLeft = ref(0);
  const busy = ref(false);
  const sentTo = ref<string | null>(null);
  let endsAt = 0;
  let timer: ReturnType<typeof setInterval> | undefined;

  function tick(): void {
    secondsLeft.value = Math.max(0, Math.ceil((endsAt - now()) / 1000));
    if (secondsLeft.value === 0) stop();
  }

  function stop(): void {
    clearInterval(timer);
    timer = undefined;
  }

  function waitUntil(time: number): void {
    endsAt = time;
    stop();
    tick();
    if (secondsLeft.value > 0) timer = setInterval(tick, 250);
  }

  function startWaiting(seconds: number): void {
    const time = now() + seconds * 1000;
    writeItem("session", storageKey, JSON.stringify({ purpose, endsAt: time, sentTo: sentTo.value }));
    waitUntil(time);
  }

  /** Sends a code. Rejects with the ApiError; a refusal for haste starts the countdown the server asks for. */
  async function send(email: string): Promise<void> {
    if (busy.value || secondsLeft.value > 0) return;
    busy.value = true;
    try {
      await api().sendEmailCode(email, purpose);
      sentTo.value = email;
      startWaiting(usualIntervalSeconds);
    } catch (error) {
      if (error instanceof ApiError && (error.code === "code_too_frequent" || error.code === "throttled")) {
        startWaiting(Math.min(error.retryAfterSeconds ?? usualIntervalSeconds, 600));
      }
      throw error;
    } finally {
      busy.value = false;
    }
  }

  const kept = readJson("session", storageKey) as {
    purpose?: unknown;
    endsAt?: unknown;
    sentTo?: unknown;
  } | null;
  // A clock set back must not lock the button for hours.
  if (kept?.purpose === purpose && typeof kept.endsAt === "number" && kept.endsAt - now() <= 600_000) {
    if (typeof kept.sentTo === "string" && kept.endsAt > now()) sentTo.value = kept.sentTo;
    waitUntil(kept.endsAt);
  }

  onScopeDispose(stop);
  return { secondsLeft, busy, sentTo, send };
}
