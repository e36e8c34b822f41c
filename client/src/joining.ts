/** Joining two accounts of one person: each of the two proves itself, and the one that stays looks before it agrees. */
import type { EndpointCall } from "./endpoint.ts";
import type { CallOptions } from "./transport.ts";
import type { Body } from "./wire.ts";

export function joiningCalls(call: EndpointCall) {
  return {
    joining: {
      /** As the account that stays: the beginning. The offer is good for ten minutes, and for {@link ticket} alone. */
      offer: (more?: CallOptions) =>
        call("POST /user/joining/offer/", { authenticated: true, cookies: true }, more),

      /** As the other account, which goes into the one that made the offer. The ticket is good for ten minutes. */
      ticket: (form: Body<"/user/joining/ticket/", "post">, more?: CallOptions) =>
        call("POST /user/joining/ticket/", { body: form, authenticated: true, cookies: true }, more),

      /** As the account that stays: what becomes of both. Changes nothing, and leaves the ticket as good as it was. */
      preview: (ticket: string, more?: CallOptions) =>
        call(
          "POST /user/joining/preview/",
          { body: { ticket }, authenticated: true, cookies: true, repeatable: true },
          more,
        ),

      /** As the account that stays: does it, once. `joining_changed` where anything is not as the preview's digest says. */
      join: (form: Body<"/user/joining/", "post">, more?: CallOptions) =>
        call("POST /user/joining/", { body: form, authenticated: true, cookies: true }, more),
    },
  };
}
