import { userOf } from "../http/authentication.ts";
import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import type { KnownDevices } from "./known-devices.ts";
import type { RememberedDevices } from "./remembered-devices.ts";

/** The own devices on which no second factor is asked for: see them, and remove them. */
export interface RememberedDeviceRoutesDeps {
  readonly rememberedDevices: RememberedDevices;
  readonly devices: Pick<KnownDevices, "askerOf">;
}

const url = "/user/remembered-devices/";
const tags = ["second factor"];

const View = Type.Object({
  id: Type.String(),
  /** Whether the request itself comes from there. */
  current: Type.Boolean(),
  browser: Type.String(),
  system: Type.String(),
  network: Type.String(),
  created_at: Type.String(),
  last_used_at: Type.String(),
  expires_at: Type.String(),
});

export function rememberedDeviceRoutes(
  api: Api,
  { rememberedDevices, devices }: RememberedDeviceRoutesDeps,
): void {
  api.route({
    method: "GET",
    url,
    config: { auth: "required", impersonated: true },
    schema: {
      summary: "The own devices on which a log-in asks for no second factor, the one used last first",
      tags,
      response: { 200: Type.Object({ devices: Type.Array(View) }) },
    },
    async handler(request) {
      const found = await rememberedDevices.list(userOf(request), await devices.askerOf(request));
      const shown = found.map(({ browser: name, created_at, last_used_at, expires_at, ...same }) => {
        const [browser = "", system = ""] = name.split("/");
        return {
          ...{ ...same, browser, system, created_at: timeOf(created_at) },
          ...{ last_used_at: timeOf(last_used_at), expires_at: timeOf(expires_at) },
        };
      });
      return { devices: shown };
    },
  });

  api.route({
    method: "DELETE",
    url: `${url}:device/`,
    config: { auth: "required" },
    schema: {
      summary: "Ask for the second factor on one of them again",
      tags,
      params: Type.Object({ device: Type.String({ maxLength: 22 }) }),
      response: { 204: Type.Null() },
    },
    async handler(request, reply) {
      await rememberedDevices.forget(userOf(request).id, request.params.device);
      return reply.code(204).send(null);
    },
  });
}

const timeOf = (millis: number) => new Date(millis).toISOString();
