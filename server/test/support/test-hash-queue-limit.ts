/** How long a hash takes beside other tests must not decide whether somebody is refused. */
export const testHashQueueLimit = "200";
