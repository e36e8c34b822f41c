import { expect, test } from "vitest";
import { withAsciiDigits } from "./digits.ts";

test.each([
  ["١٣٨٠٠١٣٨٠٠٠", "13800138000"],
  ["۱۳۸", "138"],
  ["१३८००१३८०००", "13800138000"],
  ["１３８", "138"],
  ["๑๓๘", "138"],
  ["𝟙𝟛𝟠𝟗", "1389"],
  ["一三八〇零", "13800"],
  ["ab١-9", "ab1-9"],
  ["张三丰", "张3丰"],
])("%s is %s", (text, plain) => expect(withAsciiDigits(text)).toBe(plain));
