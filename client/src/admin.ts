/** Administration, for staff: every call needs the permission that docs/openapi.json names, or is refused with 403. */
import type { CallOptions, Transport } from "./transport.ts";
import type { Answer, Body, Query } from "./wire.ts";

type Users = "/admin/users/";
type OneUser = "/admin/users/{id}/";
type Groups = "/admin/groups/";
type OneGroup = "/admin/groups/{id}/";

export function adminCalls(call: Transport) {
  const read = <Value>(path: string, query: object | undefined, more?: CallOptions) =>
    call<Value>(
      { method: "GET", path, query: query as Record<string, string>, authenticated: true, repeatable: true },
      more,
    );
  const write = <Value>(
    method: "POST" | "PUT" | "PATCH" | "DELETE",
    path: string,
    body: unknown,
    more?: CallOptions,
  ) => call<Value>({ method, path, body, authenticated: true }, more);
  const user = (id: number, rest = "") => `/admin/users/${id}/${rest}`;
  const group = (id: number) => `/admin/groups/${id}/`;

  return {
    users: (query?: Query<Users, "get">, more?: CallOptions) =>
      read<Answer<Users, "get">>("/admin/users/", query, more),
    user: (id: number, more?: CallOptions) => read<Answer<OneUser, "get">>(user(id), undefined, more),
    /** `is_active: false` ends the account's tokens. */
    changeUser: (id: number, change: Body<OneUser, "patch">, more?: CallOptions) =>
      write<Answer<OneUser, "patch">>("PATCH", user(id), change, more),
    setUserGroups: (id: number, body: Body<"/admin/users/{id}/groups/", "put">, more?: CallOptions) =>
      write<Answer<"/admin/users/{id}/groups/", "put">>("PUT", user(id, "groups/"), body, more),
    setUserPermissions: (
      id: number,
      body: Body<"/admin/users/{id}/permissions/", "put">,
      more?: CallOptions,
    ) => write<Answer<"/admin/users/{id}/permissions/", "put">>("PUT", user(id, "permissions/"), body, more),
    endTokens: (id: number, more?: CallOptions) =>
      write<unknown>("POST", user(id, "end-tokens/"), undefined, more),
    sendPasswordReset: (id: number, more?: CallOptions) =>
      write<unknown>("POST", user(id, "password-reset/"), undefined, more),
    groups: (more?: CallOptions) => read<Answer<Groups, "get">>("/admin/groups/", undefined, more),
    group: (id: number, more?: CallOptions) => read<Answer<OneGroup, "get">>(group(id), undefined, more),
    createGroup: (body: Body<Groups, "post">, more?: CallOptions) =>
      write<Answer<Groups, "post">>("POST", "/admin/groups/", body, more),
    changeGroup: (id: number, body: Body<OneGroup, "patch">, more?: CallOptions) =>
      write<Answer<OneGroup, "patch">>("PATCH", group(id), body, more),
    deleteGroup: (id: number, more?: CallOptions) => write<unknown>("DELETE", group(id), undefined, more),
    permissions: (more?: CallOptions) =>
      read<Answer<"/admin/permissions/", "get">>("/admin/permissions/", undefined, more),
    createPermission: (body: Body<"/admin/permissions/", "post">, more?: CallOptions) =>
      write<Answer<"/admin/permissions/", "post">>("POST", "/admin/permissions/", body, more),
    audit: (query?: Query<"/admin/audit/", "get">, more?: CallOptions) =>
      read<Answer<"/admin/audit/", "get">>("/admin/audit/", query, more),
  };
}
