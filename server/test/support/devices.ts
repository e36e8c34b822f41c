import { createKnownDevices, type KnownDevices } from "../../src/devices/known-devices.ts";
import type { TestApp } from "./test-app.ts";

/** The known devices of a running application, as its own services see them. */
export function devicesOf({ app, clock, config }: TestApp, isHttps = false): KnownDevices {
  return createKnownDevices({ db: app.db, clock, secretKeys: [config.secretKey!], isHttps });
}

/** What a request with these marks tells. */
export function asking(ip: string, userAgent = "Firefox/127.0", cookie?: string) {
  return { ip, headers: { "user-agent": userAgent, cookie } };
}

/** The cookie of a Set-Cookie value as a browser sends it back. */
export function cookieIn(setCookie: unknown): string {
  const all = [setCookie].flat().map(String);
  return all.find((one) => one.includes("meiduo_device="))?.split(";", 1)[0] ?? "";
}
