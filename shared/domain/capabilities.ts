/** What a connector carries, as data: the connector declares it, `plan` fits a message to it. */
import type { Content } from "./content.ts";

/**
 * The provider's limits for one kind of content; an absent limit is none, but for captions and addresses of files.
 * Characters are UTF-16 units, bytes are those of UTF-8. Longer text is split into parts, anything else that is over a
 * limit is sent as another kind.
 */
export interface Limits {
  /** Longest text; for buttons, lists, links and the like, the longest body. */
  longestText?: number;
  longestTextBytes?: number;
  /** The network cuts the text into segments and charges for each. */
  segmented?: true;

  /** Media kinds. Absent: carries no caption, which is then a message of its own. */
  longestCaption?: number;
  longestCaptionBytes?: number;
  /** Files that are taken; a type may end in `/*`. Absent: any. */
  files?: readonly { contentTypes: readonly string[]; largestBytes?: number }[];
  /** The provider's own id of an earlier upload may stand instead of a URL. */
  takesProviderMediaId?: true;
  /**
   * The provider takes files from the deployment's own bucket alone: the connector is given `s3://<bucket>/<key>` as the
   * `url` of a file. One that lies elsewhere goes out as a link.
   */
  storedOnly?: true;

  /** Buttons, links, lists and carousels: how many, how long. */
  mostButtons?: number;
  mostSections?: number;
  /** Rows of all sections together. */
  mostRows?: number;
  fewestCards?: number;
  mostCards?: number;
  /** Every card must have a picture or a film, and all of one kind. */
  cardsNeedMedia?: true;
  longestCardText?: number;
  /** Of a button, a row, or the button of a link or card. */
  longestTitle?: number;
  longestId?: number;
  /** Of a row. */
  longestDescription?: number;
  /** The button that opens a list. */
  longestListButton?: number;
  longestSectionTitle?: number;
  /** No two buttons or rows may have the same title. */
  uniqueTitles?: true;
}

/** What a connector carries, as data. */
export interface Capabilities {
  /** The kinds that go out as they are. An absent one becomes the next best thing, or is refused. */
  carries: Partial<Record<Content["type"], Limits>>;
  /** Free replies are possible for so long after the customer last wrote; undefined: for ever. */
  windowHours?: number;
  /** What a person writes is possible for so long, marked as such; longer than `windowHours`. */
  humanAgentHours?: number;
  receipts: readonly ("sent" | "delivered" | "read" | "played" | "failed")[];
  /** What the provider shows the customer without its being a message. */
  signals?: readonly ("read" | "typing")[];
  /** Whether the provider gives back our correlation with receipts. */
  correlates: boolean;
  /**
   * The provider itself takes off a customer who writes one of `optOutWords`, says so to them and refuses what is sent
   * afterwards; on its short codes it may leave that to us.
   */
  confirmsOptOut?: true | "unless_short_code";
  /** As the provider knows them by default. A start word counts for one who had stopped. */
  optOutWords?: { stop: readonly string[]; start: readonly string[] };
  /** Group chats: what their addresses begin with, and the kinds that are carried there. Absent: none are known. */
  groups?: { addressPrefix: string; kinds: readonly Content["type"][] };
}
