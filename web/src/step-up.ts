/**
 * Proving again that it is the owner who asks. A call that is refused for it waits here until the dialog
 * (account/StepUpDialog.vue) has an answer, and is then sent again: the page that made it notices nothing, and nothing that was
 * typed is lost. A proof that a third party's page was left for is kept for this tab until the call comes, with what the reader
 * was doing: the page does that again by itself, or, where it takes something away, asks for one more press. A press it always
 * takes where the reader has to type something anew, or the browser wants one.
 */
import type { StepUpAction, StepUpNeeded } from "@meiduo/client";
import { shallowReadonly, shallowRef } from "vue";
import { readJson, removeItem, writeItem } from "./browser-storage.ts";
import { session } from "./session.ts";

export interface StepUpQuestion {
  readonly needed: StepUpNeeded;
  /** A proof; undefined where the reader would not. */
  settle(proof: string | undefined): void;
}

const state = shallowRef<StepUpQuestion | null>(null);

/** What the dialog asks now; null for nothing. */
export const stepUpQuestion = shallowReadonly(state);

const storageKey = "meiduo.proof";

/** What was being done when the call was refused. */
export interface Interrupted {
  /** On the button that was pressed. */
  readonly label: string;
  /** What the page can do again by itself, in its own words; null where it takes the reader. */
  readonly doing: string | null;
}

/** What begins so is done again by itself: it takes nothing away, and nothing has to be typed for it. */
export const doneAgain = "again ";

let doing: string | null = null;

/** Notes what is being done for as long as it takes, in case the reader leaves to prove themselves for it. */
export async function whileDoing<Result>(what: string, act: () => Promise<Result>): Promise<Result> {
  doing = what;
  try {
    return await act();
  } finally {
    doing = null;
  }
}

/** What is being done now. `pressed`: what had the focus when the call was refused. */
export function interruptedAt(pressed: Element | null): Interrupted {
  const button = pressed?.closest("form")?.querySelector("[type=submit]") ?? pressed;
  const label = button?.getAttribute("aria-label") ?? button?.textContent ?? "";
  return { label: label.trim().slice(0, 100), doing };
}

interface KeptProof {
  readonly action: string;
  readonly proof: string;
  readonly userId: number;
  /** Epoch milliseconds. */
  readonly endsAt: number;
  /** Absent once it was taken up. */
  readonly interrupted?: Interrupted | undefined;
}

/** Asks in the dialog, unless this tab has a proof for the action. Resolves to undefined where the reader would not. */
export function askForProof(needed: StepUpNeeded): Promise<string | undefined> {
  const kept = takeProof(needed.action);
  if (kept !== undefined) return Promise.resolve(kept);
  state.value?.settle(undefined);
  return new Promise((resolve) => {
    const question: StepUpQuestion = {
      needed,
      settle(proof) {
        if (state.value === question) state.value = null;
        resolve(proof);
      },
    };
    state.value = question;
  });
}

/** Keeps a proof for the call that the reader comes back for, and what that is. */
export function keepProof(
  action: StepUpAction,
  proof: string,
  lifeSeconds: number,
  interrupted?: Interrupted,
): void {
  const userId = session.facts?.userId;
  if (userId === undefined) return;
  const kept: KeptProof = { action, proof, userId, endsAt: Date.now() + lifeSeconds * 1000, interrupted };
  writeItem("session", storageKey, JSON.stringify(kept));
}

/** What waits for the reader who came back with a proof that is still good; null for nothing. */
export function whatWaits(): Interrupted | null {
  const kept = readJson("session", storageKey) as Partial<KeptProof> | null;
  const isGood = kept?.userId === session.facts?.userId && Number(kept?.endsAt) > Date.now();
  const { label, doing: what } = (kept?.interrupted ?? {}) as Partial<Interrupted>;
  if (!isGood || typeof label !== "string") return null;
  return { label, doing: typeof what === "string" ? what : null };
}

/** Takes it up, once, where it begins so: what follows the beginning; null where something else waits. */
export function takeUp(beginning: string): string | null {
  const what = whatWaits()?.doing;
  if (!what?.startsWith(beginning)) return null;
  const { interrupted: _, ...proof } = readJson("session", storageKey) as KeptProof;
  writeItem("session", storageKey, JSON.stringify(proof));
  return what.slice(beginning.length);
}

/** The proof that is kept for the action, once; undefined where there is none, or somebody else's. */
export function takeProof(action: string): string | undefined {
  const kept = readJson("session", storageKey) as Partial<KeptProof> | null;
  if (kept?.action !== action) return undefined;
  removeItem("session", storageKey);
  const isGood = kept.userId === session.facts?.userId && Number(kept.endsAt) > Date.now();
  return isGood && typeof kept.proof === "string" ? kept.proof : undefined;
}
