import type { KnownDevices } from "../devices/known-devices.ts";
import type { LostFactors } from "../factors/lost-factors.ts";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import { stepField } from "./held-log-in.ts";
import { type LostFactorState, type LostFactorUse, refusalReasons } from "./lost-factor.ts";

/**
 * Whoever lost the second factor, at the step of a log-in that waits for it; and the link of the mail about it, which needs no
 * log-in and does nothing by being opened.
 */
export interface LostFactorRoutesDeps {
  readonly lostFactor: LostFactorUse;
  readonly lostFactors: Pick<LostFactors, "cancelByLink">;
  readonly devices: KnownDevices;
}

const StepBody = Type.Object({ step: stepField });
const nullableText = Type.Union([Type.String(), Type.Null()]);
const State = Type.Object({
  state: Type.Enum(["none", "asked", "ripe"]),
  refusal: Type.Union([Type.Enum([...refusalReasons]), Type.Null()]),
  ripe_at: nullableText,
  lapses_at: nullableText,
  /** From asking to the removal. */
  delay_seconds: Type.Integer(),
});
const tags = ["second factor"];
const url = "/users/second-factor/lost/";

export function lostFactorRoutes(api: Api, { lostFactor, lostFactors, devices }: LostFactorRoutesDeps): void {
  api.route({
    method: "POST",
    url,
    config: { auth: "ignored" },
    schema: {
      summary: "Whether a lost second factor can be removed, and how it stands with that",
      ...{ tags, body: StepBody, response: { 200: State } },
    },
    handler: async (request) =>
      answerOf(await lostFactor.stateOf(request.body.step, await devices.askerOf(request))),
  });

  api.route({
    method: "POST",
    url: `${url}ask/`,
    config: { auth: "ignored" },
    schema: {
      summary: "Ask for a lost second factor to be removed after a delay; the owner is told on every channel",
      ...{ tags, body: StepBody, response: { 200: State } },
    },
    handler: async (request) =>
      answerOf(await lostFactor.ask(request.body.step, await devices.askerOf(request))),
  });

  api.route({
    method: "POST",
    url: `${url}finish/`,
    config: { auth: "ignored" },
    schema: {
      summary: "Remove a lost second factor whose delay is over; every session ends",
      ...{ tags, body: StepBody, response: { 200: Type.Object({ message: Type.String() }) } },
    },
    async handler(request) {
      await lostFactor.finish(request.body.step, await devices.askerOf(request));
      return { message: "OK" };
    },
  });

  api.route({
    method: "POST",
    url: `${url}cancel/`,
    // From a mail: whoever has it is its reader, logged in or not.
    config: { auth: "ignored" },
    schema: {
      summary: "Cancel the removal of a lost second factor, with what the mail's link brought",
      tags,
      body: Type.Object({ token: Type.String({ maxLength: 200, check: () => null }) }),
      response: { 200: Type.Object({ state: Type.Enum(["cancelled", "done", "expired"]) }) },
    },
    handler: async (request) => ({ state: await lostFactors.cancelByLink(request.body.token) }),
  });
}

function answerOf({ state, refusal, ripeAt, lapsesAt, delaySeconds }: LostFactorState) {
  const timeOf = (millis: number | null) => (millis === null ? null : new Date(millis).toISOString());
  const times = { ripe_at: timeOf(ripeAt), lapses_at: timeOf(lapsesAt) };
  return { state, refusal, ...times, delay_seconds: delaySeconds };
}
