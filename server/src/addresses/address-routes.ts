import type { Static } from "typebox";
import { email } from "../accounts/email.ts";
import { mobile } from "../accounts/mobile.ts";
import { AppError } from "../errors/errors.ts";
import type { FieldCode } from "../errors/field-codes.ts";
import { userOf } from "../http/authentication.ts";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import type { AddressFields } from "./address-store.ts";
import { type Addresses, addressLimit } from "./addresses.ts";
import { openAreas } from "./areas.ts";

const Area = Type.Object({ id: Type.Integer(), name: Type.String() });
/** A landline of mainland China: area code, number, extension. */
const checkTel = (value: string): FieldCode | null =>
  /^(?:0\d{2,3}-?)?[2-9]\d{6,7}(?:-\d{1,4})?$/.test(value) ? null : "not_a_telephone";
const title = Type.String({ minLength: 1, maxLength: 20 });
const AddressBody = Type.Object({
  title,
  receiver: Type.String({ minLength: 1, maxLength: 20 }),
  province_id: Type.Integer(),
  city_id: Type.Integer(),
  district_id: Type.Integer(),
  place: Type.String({ minLength: 1, maxLength: 100 }),
  mobile: Type.String(mobile.person()),
  tel: Type.Optional(Type.String({ maxLength: 20, check: checkTel, allowBlank: true, nullable: true })),
  email: Type.Optional(Type.String({ ...email.person(), allowBlank: true, nullable: true })),
});
const Shown = Type.Object({
  id: Type.Integer(),
  ...{ province: Type.String(), city: Type.String(), district: Type.String() },
  ...{ title: Type.String(), receiver: Type.String(), place: Type.String() },
  ...{ mobile: Type.String(), tel: Type.String(), email: Type.String() },
  ...{ province_id: Type.Integer(), city_id: Type.Integer(), district_id: Type.Integer() },
});
const Id = Type.Object({ id: Type.Integer() });
const Message = Type.Object({ message: Type.String() });
const tags = ["classic"];

const fieldsOf = ({ tel, email: address, ...rest }: Static<typeof AddressBody>): AddressFields => ({
  ...rest,
  ...{ tel: tel ?? "", email: address ?? "" },
});

/** Areas, which are public, and the addresses of whoever is logged in; the e-mail variant's later pages have them under /users/. */
export function addressRoutes(api: Api, { addresses }: { readonly addresses: Addresses }): void {
  areaRoutes(api);
  for (const base of ["/addresses/", "/users/addresses/"]) ownAddressRoutes(api, base, addresses);
  api.route({
    method: "GET",
    url: "/browse_histories/",
    config: { auth: "required", impersonated: true },
    schema: {
      summary: "An empty list, as the shop keeps what was looked at",
      tags,
      response: { 200: Type.Array(Type.Any()) },
    },
    handler: () => [],
  });
}

function areaRoutes(api: Api): void {
  api.route({
    method: "GET",
    url: "/areas/",
    config: { auth: "optional", impersonated: true },
    schema: { summary: "The provinces", tags, response: { 200: Type.Array(Area) } },
    handler: async () => [...(await openAreas()).provinces],
  });
  api.route({
    method: "GET",
    url: "/areas/:id/",
    config: { auth: "optional", impersonated: true },
    schema: {
      summary: "What is in a province or a city",
      tags,
      params: Type.Object({ id: Type.String({ maxLength: 20, check: () => null }) }),
      response: { 200: Type.Object({ ...Area.properties, subs: Type.Array(Area) }) },
    },
    async handler(request) {
      const { id } = request.params;
      const area = /^\d{6}$/.test(id) ? (await openAreas()).find(Number(id)) : null;
      if (area === null) throw new AppError("not_found");
      return { ...area, subs: [...area.subs] };
    },
  });
}

function ownAddressRoutes(api: Api, base: string, addresses: Addresses): void {
  const config = { auth: "required" } as const;
  const hide = base !== "/addresses/";
  api.route({
    ...{ method: "GET", url: base, config: { ...config, impersonated: true } },
    schema: {
      ...{ summary: "The own addresses, the one changed last first", tags, hide },
      response: {
        200: Type.Object({
          user_id: Type.Integer(),
          default_address_id: Type.Union([Type.Integer(), Type.Null()]),
          limit: Type.Integer(),
          addresses: Type.Array(Shown),
        }),
      },
    },
    async handler(request) {
      const { id } = userOf(request);
      const { addresses: own, defaultId } = await addresses.list(id);
      return { user_id: id, default_address_id: defaultId, limit: addressLimit, addresses: own };
    },
  });
  api.route({
    ...{ method: "POST", url: base, config },
    schema: { summary: "Another address", tags, hide, body: AddressBody, response: { 201: Shown } },
    async handler(request, reply) {
      const added = await addresses.add(userOf(request).id, fieldsOf(request.body));
      reply.code(201);
      return added;
    },
  });
  api.route({
    ...{ method: "PUT", url: `${base}:id/`, config },
    schema: {
      ...{ summary: "Change an address", tags, hide },
      ...{ params: Id, body: AddressBody, response: { 200: Shown } },
    },
    handler: (request) => addresses.change(userOf(request).id, request.params.id, fieldsOf(request.body)),
  });
  api.route({
    ...{ method: "DELETE", url: `${base}:id/`, config },
    schema: { summary: "Delete an address", tags, hide, params: Id },
    async handler(request, reply) {
      await addresses.remove(userOf(request).id, request.params.id);
      return reply.code(204).send();
    },
  });
  api.route({
    ...{ method: "PUT", url: `${base}:id/status/`, config },
    schema: { summary: "Make an address the default", tags, hide, params: Id, response: { 200: Message } },
    async handler(request) {
      await addresses.makeDefault(userOf(request).id, request.params.id);
      return { message: "OK" };
    },
  });
  api.route({
    ...{ method: "PUT", url: `${base}:id/title/`, config },
    schema: {
      ...{ summary: "Give an address another title", tags, hide, params: Id },
      ...{ body: Type.Object({ title }), response: { 200: Type.Object({ title: Type.String() }) } },
    },
    async handler(request) {
      const { title: given } = request.body;
      await addresses.rename(userOf(request).id, request.params.id, given);
      return { title: given };
    },
  });
}
