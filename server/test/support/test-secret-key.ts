/** The throw-away key the recordings of the original were made with. */
export const testSecretKey = "meiduo-golden-vector-key-0123456789abcdefghijklmnopqrstuvwx";
