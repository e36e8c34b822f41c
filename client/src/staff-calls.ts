/** What the console does beyond lists and single changes (admin.ts): with a reason, for a while, to many at once. */
import type { EndpointCall } from "./endpoint.ts";
import type { CallOptions } from "./transport.ts";
import type { Body, Query } from "./wire.ts";

const read = { authenticated: true, repeatable: true } as const;
const write = { authenticated: true } as const;

export function staffCalls(call: EndpointCall) {
  return {
    /** The first superuser, by the link that a start in development gives. */
    makeFirstSuperuser: (body: Body<"/setup/superuser/", "post">, more?: CallOptions) =>
      call("POST /setup/superuser/", { body, authenticated: false }, more),
    /** With `until` it comes back by itself then. `reason` stands in the audit log. */
    disableUser: (id: number, body: Body<"/admin/users/{id}/disable/", "post">, more?: CallOptions) =>
      call("POST /admin/users/{id}/disable/", { path: { id }, body, ...write }, more),
    enableUser: (id: number, body: Body<"/admin/users/{id}/enable/", "post"> = {}, more?: CallOptions) =>
      call("POST /admin/users/{id}/enable/", { path: { id }, body, ...write }, more),
    /** The account as its owner sees it. `reason` stands in the audit log. */
    lookAs: (id: number, reason: string, more?: CallOptions) =>
      call("POST /admin/users/{id}/look-as/", { path: { id }, body: { reason }, ...write }, more),
    /** Whether staff may act in an owner's place, and who does in this one's. */
    impersonation: (id: number, more?: CallOptions) =>
      call("GET /admin/users/{id}/impersonation/", { path: { id }, ...read }, more),
    /** A token of the account, for a while. It says who acts, and changes nothing by which the account is opened. */
    impersonate: (id: number, reason: string, more?: CallOptions) =>
      call("POST /admin/users/{id}/impersonation/", { path: { id }, body: { reason }, ...write }, more),
    endImpersonation: (id: number, more?: CallOptions) =>
      call("DELETE /admin/users/{id}/impersonation/", { path: { id }, ...write }, more),
    /** What staff wrote down about an account, the latest first. */
    userNotes: (id: number, more?: CallOptions) =>
      call("GET /admin/users/{id}/notes/", { path: { id }, ...read }, more),
    addUserNote: (id: number, text: string, more?: CallOptions) =>
      call("POST /admin/users/{id}/notes/", { path: { id }, body: { text }, ...write }, more),
    deleteUserNote: (id: number, note: string, more?: CallOptions) =>
      call("DELETE /admin/users/{id}/notes/{note}/", { path: { id, note }, ...write }, more),
    /** Networks, addresses and domains of mail that are refused. */
    denials: (more?: CallOptions) => call("GET /admin/denials/", read, more),
    addDenial: (body: Body<"/admin/denials/", "post">, more?: CallOptions) =>
      call("POST /admin/denials/", { body, ...write }, more),
    deleteDenial: (denial: string, more?: CallOptions) =>
      call("DELETE /admin/denials/{denial}/", { path: { denial }, ...write }, more),
    /** Refused log-ins of all accounts, the latest first. */
    refusals: (query?: Query<"/admin/refusals/", "get">, more?: CallOptions) =>
      call("GET /admin/refusals/", { query, ...read }, more),
    /** What a name, or the network of an address, has used up of its tries to log in. */
    blocks: (query: Query<"/admin/blocks/", "get">, more?: CallOptions) =>
      call("GET /admin/blocks/", { query, ...read }, more),
    /** Accounts that too many tries keep somebody out of now. */
    locked: (more?: CallOptions) => call("GET /admin/blocks/locked/", read, more),
    unlock: (body: Body<"/admin/blocks/unlock/", "post">, more?: CallOptions) =>
      call("POST /admin/blocks/unlock/", { body, ...write }, more),
    /** How many accounts a change of many would be about. */
    countUsers: (body: Body<"/admin/users/bulk/count/", "post">, more?: CallOptions) =>
      call("POST /admin/users/bulk/count/", { body, ...write }, more),
    /** Changes many accounts in the background; `confirm` is as many as were counted. */
    changeUsers: (body: Body<"/admin/users/bulk/", "post">, more?: CallOptions) =>
      call("POST /admin/users/bulk/", { body, ...write }, more),
    bulkRuns: (more?: CallOptions) => call("GET /admin/users/bulk/", read, more),
    /** With what became of its accounts. */
    bulkRun: (run: string, more?: CallOptions) =>
      call("GET /admin/users/bulk/{run}/", { path: { run }, ...read }, more),
  };
}
