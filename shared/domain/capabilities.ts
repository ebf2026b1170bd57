/** What a connector carries, as data: the connector declares it, `plan` fits a message to it. */

/** Support for one kind of content: `full`, `reduced` (becomes something else) or `none`, and its limits. */
interface Support {
  level: "full" | "reduced" | "none";
  /** Longest text, in characters (UTF-16 units). */
  longest?: number;
}

/** What a connector carries, as data. */
export interface Capabilities {
  text: Support;
  /** Free replies are possible for so long after the customer last wrote; undefined: for ever. */
  windowHours?: number;
  receipts: readonly ("sent" | "delivered" | "read" | "played" | "failed")[];
  /** Whether the provider gives back our correlation with receipts. */
  correlates: boolean;
}
