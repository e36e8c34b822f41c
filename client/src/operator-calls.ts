/** What an operator sets and looks after, for staff: the part of admin.ts that connects the site with others. */
import type { EndpointCall } from "./endpoint.ts";
import type { CallOptions } from "./transport.ts";
import type { Body, Query } from "./wire.ts";

const read = { authenticated: true, repeatable: true } as const;
const write = { authenticated: true } as const;

export function operatorCalls(call: EndpointCall) {
  return {
    mailTemplates: (more?: CallOptions) => call("GET /admin/mails/templates/", read, more),
    /** A mail with values of nobody; `page` of the API shows its HTML once. */
    previewMail: (body: Body<"/admin/mails/preview/", "post">, more?: CallOptions) =>
      call("POST /admin/mails/preview/", { body, ...write }, more),
    testMail: (body: Body<"/admin/mails/test/", "post">, more?: CallOptions) =>
      call("POST /admin/mails/test/", { body, ...write }, more),
    /** What each SMS says, in each language, with values of nobody. */
    smsTemplates: (more?: CallOptions) => call("GET /admin/sms/templates/", read, more),
    testSms: (body: Body<"/admin/sms/test/", "post">, more?: CallOptions) =>
      call("POST /admin/sms/test/", { body, ...write }, more),
    /** Other programs that may ask. */
    services: (more?: CallOptions) => call("GET /admin/services/", read, more),
    /** Its `secret` is shown this once. */
    addService: (body: Body<"/admin/services/", "post">, more?: CallOptions) =>
      call("POST /admin/services/", { body, ...write }, more),
    /** Another `secret`, shown this once; the one before is good for `keep_hours` more. */
    rotateService: (
      service: string,
      body: Body<"/admin/services/{service}/rotate/", "post"> = {},
      more?: CallOptions,
    ) => call("POST /admin/services/{service}/rotate/", { path: { service }, body, ...write }, more),
    revokeService: (service: string, more?: CallOptions) =>
      call("DELETE /admin/services/{service}/", { path: { service }, ...write }, more),
    /** The keys of access tokens, never what they are. */
    keys: (more?: CallOptions) => call("GET /admin/keys/", read, more),
    rotateKeys: (body: Body<"/admin/keys/rotate/", "post"> = {}, more?: CallOptions) =>
      call("POST /admin/keys/rotate/", { body, ...write }, more),
    providers: (more?: CallOptions) => call("GET /admin/providers/", read, more),
    /** Asks a third party whether it knows this site's credentials. */
    checkProvider: (provider: string, more?: CallOptions) =>
      call("POST /admin/providers/{provider}/check/", { path: { provider }, ...write }, more),
    /** In force, without secrets, with where each value comes from. */
    settings: (more?: CallOptions) => call("GET /admin/settings/", read, more),
    /** What the doctor finds; it looks at what is set up, and may take some seconds. */
    doctor: (more?: CallOptions) => call("POST /admin/doctor/", write, more),
    /** The same as it was found in the last ten minutes. */
    lastDoctor: (more?: CallOptions) => call("GET /admin/doctor/", read, more),
    pendingDeletions: (query?: Query<"/admin/data-requests/deletions/", "get">, more?: CallOptions) =>
      call("GET /admin/data-requests/deletions/", { query, ...read }, more),
    openExports: (query?: Query<"/admin/data-requests/exports/", "get">, more?: CallOptions) =>
      call("GET /admin/data-requests/exports/", { query, ...read }, more),
    numberLeaves: (query?: Query<"/admin/data-requests/number-leaves/", "get">, more?: CallOptions) =>
      call("GET /admin/data-requests/number-leaves/", { query, ...read }, more),
    /** Imports and exports of many accounts. */
    runs: (query?: Query<"/admin/runs/", "get">, more?: CallOptions) =>
      call("GET /admin/runs/", { query, ...read }, more),
  };
}
