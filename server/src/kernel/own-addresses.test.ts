import { describe, expect, it } from "vitest";
import { createIsOwnHost, isLoopbackHost, ownAddresses } from "./own-addresses.ts";

const at = (address: string, internal = false) => ({ address, internal }) as never;

describe("this machine's own addresses", () => {
  it("are written as URLs write them, without those that need a zone", () => {
    const found = ownAddresses(() => ({
      lo: [at("127.0.0.1", true), at("::1", true)],
      eth0: [at("192.168.1.5"), at("2001:DB8:0:0::5"), at("fe80::1")],
      none: undefined,
    }));
    expect(found).toEqual([
      { host: "127.0.0.1", isLoopback: true },
      { host: "[::1]", isLoopback: true },
      { host: "192.168.1.5", isLoopback: false },
      { host: "[2001:db8::5]", isLoopback: false },
    ]);
  });

  it("are none where the system doesn't tell", () => {
    const refusing = () => {
      throw new Error("uv_interface_addresses returned Unknown system error 97");
    };
    expect(ownAddresses(refusing)).toEqual([]);
  });

  it("are known by the connection, too: one that was given after the start", () => {
    const isOwn = createIsOwnHost([{ host: "192.168.1.5", isLoopback: false }]);
    expect(isOwn("192.168.1.5", "127.0.0.1")).toBe(true);
    expect(isOwn("192.168.1.6", "127.0.0.1")).toBe(false);
    expect(isOwn("192.168.1.6", "::ffff:192.168.1.6")).toBe(true);
    expect(isOwn("[2001:db8::6]", "2001:db8::6")).toBe(true);
    expect(isOwn("evil.example", undefined)).toBe(false);
  });

  it.each([
    ["localhost", true],
    ["shop.localhost", true],
    ["127.0.0.2", true],
    ["[::1]", true],
    ["localhost.evil.example", false],
    ["127.0.0.1.evil.example", false],
    ["notlocalhost", false],
    ["0.0.0.0", false],
    ["192.168.1.5", false],
  ])("%s leads to the reader's own machine: %s", (host, expected) => {
    expect(isLoopbackHost(host)).toBe(expected);
  });
});
