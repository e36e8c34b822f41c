import { describe, expect, it } from "vitest";
import { bareForwardedFor, clientNetwork, clientNetworks, maskNetwork } from "./client-address.ts";

describe("the network a client's limits are counted by", () => {
  it.each([
    ["198.51.100.1", "198.51.100.1"],
    ["::ffff:198.51.100.1", "198.51.100.1"],
    ["::FFFF:198.51.100.1", "198.51.100.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0DB8:0001:0002::1", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["2001:db8:1:2::", "2001:db8:1:2::/64"],
    ["64:ff9b::198.51.100.1", "198.51.100.1"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["::", "0:0:0:0::/64"],
    ["::2:3:4:5:6:7:8", "0:2:3:4::/64"],
    ["1::3:4:5:6:7:8", "1:0:3:4::/64"],
    // One count for all that can't be read, whatever stands there.
    ["not an address", "unreadable"],
    ["203.0.113.8:50001", "unreadable"],
    ["127.1", "unreadable"],
    ["0x7f.0.0.1", "unreadable"],
    ["", "unreadable"],
  ])("%s is %s", (address, network) => {
    expect(clientNetwork(address)).toBe(network);
  });
});

describe("the wider network it is counted by as well", () => {
  it.each([
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"],
    ["2001:0DB8:0001:ffff::1", "2001:db8:1::/48"],
    ["::1", "0:0:0::/48"],
    ["198.51.100.1", null],
    ["::ffff:198.51.100.1", null],
    ["64:ff9b::198.51.100.1", null],
    ["not an address", null],
  ])("%s is in %s", (address, wider) => {
    expect(clientNetworks(address)).toEqual({ network: clientNetwork(address), wider });
  });
});

describe("a network as people are shown it", () => {
  it.each([
    ["198.51.100.1", "198.51.100.*"],
    ["2001:db8:1:2::/64", "2001:db8:1::/48"],
    ["0:0:0:0::/64", "0:0:0::/48"],
    ["unreadable", "unreadable"],
  ])("%s lacks its last part: %s", (network, masked) => {
    expect(maskNetwork(network)).toBe(masked);
  });
});

describe("X-Forwarded-For", () => {
  it.each([
    ["203.0.113.8", "203.0.113.8"],
    ["203.0.113.8:50001", "203.0.113.8"],
    ["[2001:db8::1]:50001", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ['"[2001:db8::1]:50001"', "2001:db8::1"],
    ["2001:DB8:0::1", "2001:db8::1"],
    ["::ffff:203.0.113.8", "::ffff:cb00:7108"],
    [" 203.0.113.8:1 ,10.0.0.1:443,  10.0.0.2", "203.0.113.8, 10.0.0.1, 10.0.0.2"],
    ["unknown, 10.0.0.1", "unreadable, 10.0.0.1"],
    ["_hidden:80", "unreadable"],
    ["", "unreadable"],
  ])("%j is read as %j", (header, bare) => {
    expect(bareForwardedFor(header)).toBe(bare);
  });
});
