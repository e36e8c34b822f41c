import { createHmac } from "node:crypto";
import type { TestApp } from "./test-app.ts";

/** An authenticator app, by RFC 4226 and 6238 alone, so that it shares nothing with what it is tried on. */
export function appCode(secret: string, millis: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(millis / 30_000)));
  const mac = createHmac("sha1", fromBase32(secret)).update(counter).digest();
  const offset = mac[19]! & 15;
  const number = (mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000;
  return String(number).padStart(6, "0");
}

/** RFC 4648 section 6. */
function fromBase32(text: string): Buffer {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...text].map((sign) => alphabet.indexOf(sign).toString(2).padStart(5, "0")).join("");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

export interface SwitchedOn {
  readonly secret: string;
  readonly recoveryCodes: readonly string[];
  /** The digits that the app shows now, a new one each time: the clock is moved where they were used. */
  next(): string;
}

/** Switches a second factor on for the account, as its owner's page does. */
export async function switchOnSecondFactor(test: TestApp, username: string): Promise<SwitchedOn> {
  const { users, secondFactors } = test.app;
  const owner = await users.byLoginName(username);
  if (owner === null) throw new Error(`there is no ${username}`);
  const { secret } = await secondFactors.begin(owner, "zh");
  const recoveryCodes = await secondFactors.confirm(owner, appCode(secret, test.clock.now()), "zh");
  return {
    ...{ secret, recoveryCodes },
    next() {
      test.clock.advance(30);
      return appCode(secret, test.clock.now());
    },
  };
}
