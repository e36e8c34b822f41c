import { describe, expect, it } from "vitest";
import { isWithinNetworks, readNetwork } from "./networks.ts";

describe("a network is read", () => {
  it.each([
    ["192.0.2.0/24", "192.0.2.0/24"],
    ["192.0.2.7/24", "192.0.2.0/24"],
    ["192.0.2.7", "192.0.2.7/32"],
    [" 10.0.0.0/8 ", "10.0.0.0/8"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["2001:db8:0:0::/32", "2001:db8::/32"],
    ["2001:db8::1", "2001:db8::1/128"],
  ])("%j as %s", (text, kept) => expect(readNetwork(text)).toBe(kept));

  it.each([
    ...["", "192.0.2", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/-1", "192.0.2.0/24/8", "0x7f.0.0.1", "shop"],
    ...["2001:db8::/129", "fe80::1%eth0", "192.0.2.0/2 4"],
  ])("%j as none", (text) => expect(readNetwork(text)).toBeNull());
});

describe("an address is within", () => {
  const networks = ["192.0.2.0/24", "2001:db8::/32"];
  it.each([
    ["192.0.2.9", true],
    ["192.0.3.9", false],
    ["::ffff:192.0.2.9", true],
    ["2001:db8:5::1", true],
    ["2001:db9::1", false],
    ["", false],
    ["unreadable", false],
  ])("%j: %s", (address, within) => expect(isWithinNetworks(address, networks)).toBe(within));
  it("no list", () => expect(isWithinNetworks("192.0.2.9", [])).toBe(false));
});
