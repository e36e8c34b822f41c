import type { FastifyRequest } from "fastify";
import type { StepUpAction } from "../kernel/step-up-actions.ts";

/**
 * What asks for more than a token: that whoever has it proved a short while ago that they are the account's owner. A route
 * names it in `config.stepUp`, or asks by itself where the fields decide; sign-in/step-up.ts judges. What is under /admin/ and
 * changes something is `administration` where it names nothing else, so that no new route forgets it. Services have no person
 * behind them and are not asked, nor are commands. Guard: step-up-matrix.test.ts.
 */

/** How the caller showed it: by a proof for this very call, or by one in their session a while ago. */
export type Shown = "now" | "recently";

/** Error: `reauthentication_required`, whose answer has `code`, `methods` and what the page needs to offer them. */
export type ExpectRecent = (caller: StepUpCaller, action: StepUpAction) => Promise<Shown>;

export interface StepUpCaller {
  readonly user: SteppingUp;
  /** The single-use proof that came with the request. */
  readonly proof: string | undefined;
}

/** Of `CurrentUser` (authentication.ts) what counts here. */
export interface SteppingUp {
  readonly id: number;
  readonly credentials_version: number;
  readonly session_id?: string | null;
  readonly recently_proved?: boolean;
  /** Whoever acts in the owner's place never is the owner. */
  readonly impersonator?: object;
}

declare module "fastify" {
  interface FastifyContextConfig {
    stepUp?: StepUpAction | "none";
  }
  interface FastifyRequest {
    /** Of a route with `stepUp`; null where nobody was asked. */
    provedHow: Shown | null;
  }
}

/** Carries what POST /user/reauthentication/ answered for the action. */
const proofHeader = "x-meiduo-proof";

export function proofOf({ headers }: FastifyRequest): string | undefined {
  const proof = headers[proofHeader];
  return typeof proof === "string" && proof !== "" ? proof : undefined;
}

/** What a route that declares nothing is asked for. */
export function stepUpOf(
  declared: StepUpAction | "none" | undefined,
  { method, forStaff }: { readonly method: string | string[]; readonly forStaff: boolean },
): StepUpAction | null {
  if (declared !== undefined) return declared === "none" ? null : declared;
  const isWrite = [method].flat().some((one) => !/^(?:GET|HEAD|OPTIONS)$/.test(one));
  return forStaff && isWrite ? "administration" : null;
}
