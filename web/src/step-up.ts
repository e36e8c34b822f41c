/**
 * Proving again that it is the owner who asks. A call that is refused for it waits here until the dialog
 * (account/StepUpDialog.vue) has an answer, and is then sent again: the page that made it notices nothing, and nothing that was
 * typed is lost. A proof that a third party's page was left for is kept for this tab until the call comes.
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

interface KeptProof {
  readonly action: string;
  readonly proof: string;
  readonly userId: number;
  /** Epoch milliseconds. */
  readonly endsAt: number;
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

/** Keeps a proof for the call that the reader comes back for. */
export function keepProof(action: StepUpAction, proof: string, lifeSeconds: number): void {
  const userId = session.facts?.userId;
  if (userId === undefined) return;
  const kept: KeptProof = { action, proof, userId, endsAt: Date.now() + lifeSeconds * 1000 };
  writeItem("session", storageKey, JSON.stringify(kept));
}

/** The proof that is kept for the action, once; undefined where there is none, or somebody else's. */
export function takeProof(action: string): string | undefined {
  const kept = readJson("session", storageKey) as Partial<KeptProof> | null;
  if (kept?.action !== action) return undefined;
  removeItem("session", storageKey);
  const isGood = kept.userId === session.facts?.userId && Number(kept.endsAt) > Date.now();
  return isGood && typeof kept.proof === "string" ? kept.proof : undefined;
}
