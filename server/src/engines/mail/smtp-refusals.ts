/**
 * Refusals with a 5xx code that mean "later", though RFC 5321 section 4.2.1 calls 5xx final: the big providers refuse
 * what is too much for the moment that way. A visitor who read "sent" waits for that mail, so it is tried again while
 * its code lives. Told apart by the enhanced code (RFC 3463, RFC 5248), else by the provider's words; a row that is
 * too wide costs some tries, one that is missing costs the visitor the mail.
 */

/** Whether a refusal may be gone in a minute. `text` is the server's answer, its code and enhanced code included. */
export function meansLater(text: string): boolean {
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(text)?.[1];
  // Class 4 is a persistent transient failure whatever the basic code says (RFC 3463 section 3.1).
  if (enhanced?.startsWith("4.")) return true;
  if (saysForGood.test(text)) return false;
  return enhancedCodes.test(enhanced ?? "") || refusalsForNow.some(({ words }) => words.test(text));
}

/** Yahoo's 553 5.7.2 [TSS09] and [TSS11] (senders.yahooinc.com/smtp-error-codes) are "deferred" and mean never. */
const saysForGood = /permanently deferred|will not succeed/i;

/**
 * 5.3.2 the system takes no mail now, 5.4.5 congestion (Google: "Daily user sending limit exceeded",
 * support.google.com/a/answer/3726730), 5.7.28 mail flood (RFC 5248's registry); Microsoft (learn.microsoft.com, "Email
 * non-delivery reports and SMTP errors in Exchange Online"): 5.1.90 the day's recipients, 5.2.251 to 5.2.255 sender
 * throttled, 5.7.232 and 5.7.233 the organisation's day, 5.7.705 its threshold (also for up to a day while a subscription
 * is renewed: same site, "Fix NDR error codes 5.7.700 through 5.7.750").
 */
const enhancedCodes = /^5\.(3\.2|4\.5|7\.28|1\.90|2\.25[1-5]|7\.23[23]|7\.705)$/;

const refusalsForNow: readonly { readonly who: string; readonly words: RegExp }[] = [
  {
    // service.mail.qq.com/cgi-bin/help?subtype=1&id=20022&no=1000725: an address or a sender is shut out for minutes,
    // hours or the rest of the day. The last two: the same, far exceeded; and the recipient has had much mail lately.
    who: "QQ, Tencent Exmail",
    words:
      /\b(connection|ip|domain|sender|mail) frequency limited|\bconnection denied|mailbox unavailable or access denied/i,
  },
  {
    // mail.163.com/help/help_spam_16.htm. Connections, mails and recipients within minutes or a day; most come as 421
    // and 45x, some as 55x.
    who: "NetEase (163, 126, yeah.net)",
    words: /\b(HL:(ICC|IFC|IFQ|MEP|REP)|MI:(SFQ|STC|DMC|CCL)|RP:(QRC|TRC|DRC|CCL))\b/,
  },
  {
    // alibabacloud.com/help/faq-detail/109009.htm: 554 Reject by behaviour spam … too frequently sending; and the
    // codes 504, 505 of the company mail, 552 of DirectMail.
    who: "Alibaba Mail, DirectMail",
    words:
      /too frequently sending|RCPTs? (attempts )?is achieved the maximum threshold|(daily|monthly) sending quota exceeded|not enough sending quota/i,
  },
  {
    // Sohu's list of bounces, 553 5.7.0: the address sent much within a short time and is shut out for the moment. Its
    // CONTENT REJCT (5.7.3) and HELOIP REJECT (5.7.4) are about the mail and the server, and stay.
    who: "Sohu",
    words: /\bIP REJECT\b/,
  },
  {
    // 554: the address's fame, which follows what it sent lately (github.com/PasseRR/passerr.github.io, 2022-05-13: taken
    // once it was better). 552: blog.sina.com.cn/s/blog_8dc13ec50101fxxr.html, many mails alike.
    who: "Sina",
    words: /sending MTA's poor reputation|too many same size mails/i,
  },
  {
    // Seen under 450 (github.com/pppscn/SmsForwarder/issues/663, there "Mailrejected"); under 5xx it asks for the same.
    who: "China Mobile (139)",
    words: /mail ?rejected, ?please try again/i,
  },
  {
    // senders.yahooinc.com/smtp-error-codes; help.yahoo.com SLN3434, SLN3436: [TS…] and [TSS…] are about traffic out of the
    // usual and pass within hours, mostly 421. [BL…] (a block list) and [PH…] (the content) stay.
    who: "Yahoo, AOL",
    words: /\[TSS?\d\d\]|unexpected volume|max(imum)? messages? per connection/i,
  },
  {
    // learn.microsoft.com/exchange/troubleshoot/send-emails/smtp-submission-improvements: 554 5.2.0 STOREDRV…
    who: "Microsoft 365",
    words: /SubmissionQuotaExceeded/,
  },
  {
    // support.google.com/a/answer/3726730, the same texts under 421 and 550.
    who: "Gmail",
    words:
      /unusual rate of unsolicited mail|receiving mail (too quickly|at a rate)|sending (limit|quota) exceeded/i,
  },
  {
    who: "relays (SendGrid, Mailgun, Postfix's policy services and their like)",
    words:
      /\b(rate|frequency|hourly|daily|sending) limit|throttl|maximum credits exceeded|(try|retry) (it )?(again )?(later|in \d)|temporar|gr[ea]ylist/i,
  },
  {
    // Whoever counts, and says so under a 5xx code: `553 … too frequent`.
    who: "servers that say what there was too much of",
    words:
      /too many (concurrent |simultaneous )?(mails|messages|e-?mails|connections|requests|sessions)|\btoo (frequent|often|fast|quick|soon)|(frequency|rate) (is )?too high|exceed\w* .{0,40}\b(frequency|rate)\b|slow down/i,
  },
  {
    who: "servers that say when to come again",
    words:
      /retry (later|after)|wait (for )?(a (few|while|moment)|\d+ (s|m|h)|some)|deferred|system (is )?busy/i,
  },
  {
    who: "servers that say it in Chinese",
    words: /稍[后候後]|频繁|频率|頻繁|頻率|过快|過快/,
  },
];
