import { browserName } from "../devices/browser-name.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import { userOf } from "../http/authentication.ts";
import type { Api } from "../http/server.ts";
import { proofOf, type StepUpCaller } from "../http/step-up.ts";
import Type from "../kernel/schema/schema.ts";
import type { NumberLeave } from "./number-leave-store.ts";
import type { NumberLeaves } from "./number-leaves.ts";

/** Leaving a number that receives nothing any more: asking, how it stands, and taking it back. */
export interface NumberLeaveRoutesDeps {
  readonly numberLeaves: NumberLeaves;
  readonly devices: KnownDevices;
  /** Something else than the password and the number that shows the owner; the method's name (sign-in/step-up.ts). */
  readonly expectOtherChannel: (caller: StepUpCaller, action: "mobile_leave") => Promise<string>;
}

const nullableText = Type.Union([Type.String(), Type.Null()]);
const State = Type.Object({
  state: Type.Enum(["none", "asked"]),
  asked_at: nullableText,
  /** From when on the number goes. */
  due_at: nullableText,
  delay_days: Type.Integer(),
});
const tags = ["account"];
const url = "/user/mobile/leave/";

export function numberLeaveRoutes(api: Api, deps: NumberLeaveRoutesDeps): void {
  const { numberLeaves, devices } = deps;
  const answerOf = (one: NumberLeave | null) => ({
    state: one === null ? ("none" as const) : ("asked" as const),
    asked_at: one === null ? null : new Date(one.asked_at).toISOString(),
    due_at: one === null ? null : new Date(one.due_at).toISOString(),
    delay_days: numberLeaves.delayDays,
  });

  api.route({
    method: "GET",
    url,
    config: { auth: "required", impersonated: true },
    schema: {
      summary: "Whether the own number, which receives nothing any more, is about to be taken away",
      ...{ tags, response: { 200: State } },
    },
    handler: async (request) => answerOf(await numberLeaves.of(userOf(request))),
  });

  api.route({
    method: "POST",
    url,
    config: { auth: "required" },
    schema: {
      summary:
        "Have the own number taken away after a delay, with a proof by another channel; everybody is told, the number too",
      ...{ tags, response: { 200: State } },
    },
    async handler(request) {
      const user = userOf(request);
      const proof = await deps.expectOtherChannel({ user, proof: proofOf(request) }, "mobile_leave");
      const { network, userAgent } = await devices.askerOf(request);
      const device = await browserName(userAgent);
      return answerOf(await numberLeaves.ask(user, { device, network, proof }));
    },
  });

  api.route({
    method: "DELETE",
    url,
    config: { auth: "required" },
    schema: {
      summary: "Keep the own number after all",
      ...{ tags, response: { 200: State } },
    },
    async handler(request) {
      await numberLeaves.cancel(userOf(request));
      return answerOf(null);
    },
  });
}
