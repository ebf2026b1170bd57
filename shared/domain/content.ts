/** What a message says, in either direction: one tagged union for every channel. Part of the public contract. */
import * as z from "zod";

const text = z.string();

/**
 * A file of a message. `id` is ours once the file is stored; `providerMediaId` is the vendor's until then. Who sends a
 * stored file names its `id` alone: the rest is filled in.
 */
export const Media = z.object({
  id: z.string().optional(),
  providerMediaId: z.string().optional(),
  url: z.string().optional(),
  contentType: z.string().default(""),
  fileName: z.string().optional(),
  size: z.number().int().nonnegative().optional(),
  sha256: z.string().optional(),
});

const withMedia = { media: Media, caption: text.optional() };
export const Button = z.object({ id: z.string(), title: z.string() });
export const Card = z.object({ media: Media.optional(), text: text.optional(), title: z.string(), url: z.url() });
export const Row = z.object({ id: z.string(), title: z.string(), description: z.string().optional() });
export const Section = z.object({ title: z.string().optional(), rows: z.array(Row) });

/** Text, the one kind that every channel carries in both directions. */
export const TextContent = z.object({ type: z.literal("text"), text });

export const ImageContent = z.object({ type: z.literal("image"), ...withMedia });
export const VideoContent = z.object({ type: z.literal("video"), ...withMedia });
export const AudioContent = z.object({ type: z.literal("audio"), ...withMedia, voice: z.boolean().optional() });
export const DocumentContent = z.object({ type: z.literal("document"), ...withMedia });
export const StickerContent = z.object({ type: z.literal("sticker"), ...withMedia, animated: z.boolean().optional() });

export const LocationContent = z.object({
  type: z.literal("location"),
  latitude: z.number(),
  longitude: z.number(),
  name: z.string().optional(),
  address: z.string().optional(),
  /** Page of the place, where the customer shared one. */
  url: z.string().optional(),
});
/** Cards in the form that the provider gives them. */
export const ContactsContent = z.object({
  type: z.literal("contacts"),
  contacts: z.array(z.record(z.string(), z.unknown())),
});
export const ChoiceContent = z.object({
  type: z.literal("choice"),
  id: z.string(),
  title: z.string(),
  description: z.string().optional(),
  /** What the customer wrote, where the options had gone out as numbered text. */
  text: text.optional(),
});
export const FormContent = z.object({
  type: z.literal("form"),
  name: z.string().optional(),
  values: z.record(z.string(), z.unknown()),
});
export const OrderContent = z.object({
  type: z.literal("order"),
  catalog: z.string(),
  text: text.optional(),
  items: z.array(z.record(z.string(), z.unknown())),
});
export const StoryContent = z.object({ type: z.literal("story"), kind: z.string(), url: z.string().optional() });
export const ShareContent = z.object({
  type: z.literal("share"),
  url: z.string().optional(),
  title: z.string().optional(),
});

/** Something genuine that this release does not understand: kept whole, so that a later one can. */
export const UnsupportedContent = z.object({
  type: z.literal("unsupported"),
  /** Why, in the vendor's word for the kind, e.g. `sticker`. */
  reason: z.string(),
  /** The vendor's own element as JSON. */
  raw: z.unknown(),
});

// From here on outbound alone.

export const ButtonsContent = z.object({ type: z.literal("buttons"), text, buttons: z.array(Button).min(1) });
export const ListContent = z.object({
  type: z.literal("list"),
  text,
  button: z.string(),
  sections: z.array(Section),
});
/** Text with a button that opens a page. */
export const LinkContent = z.object({ type: z.literal("link"), text, title: z.string(), url: z.url() });
export const CarouselContent = z.object({
  type: z.literal("carousel"),
  text: text.optional(),
  cards: z.array(Card).min(1),
});
export const LocationRequestContent = z.object({ type: z.literal("location-request"), text });
/** An emoji on the message that it answers; an empty one takes it back. Needs `replyTo`. */
export const ReactionContent = z.object({ type: z.literal("reaction"), emoji: z.string().max(32) });

/** What a button of a template carries. */
export const TemplateButton = z.object({
  index: z.number().int(),
  type: z.enum(["quick_reply", "url", "copy_code"]),
  value: text,
});
/** A message that the provider has approved beforehand; the only kind that may open a closed window. */
export const TemplateContent = z.object({
  type: z.literal("template"),
  name: z.string(),
  /** As the provider writes it, e.g. `pt_BR`. */
  language: z.string(),
  header: z.union([text, Media]).optional(),
  /** In order, or by name. */
  parameters: z.union([z.array(text), z.record(z.string(), text)]).optional(),
  /** What the buttons carry, by their place: the payload of a quick reply, the end of a URL. */
  buttons: z.array(TemplateButton).optional(),
});

export const Content = z.discriminatedUnion("type", [
  TextContent,
  ImageContent,
  VideoContent,
  AudioContent,
  DocumentContent,
  StickerContent,
  LocationContent,
  ContactsContent,
  ChoiceContent,
  FormContent,
  OrderContent,
  StoryContent,
  ShareContent,
  UnsupportedContent,
  ButtonsContent,
  ListContent,
  LinkContent,
  CarouselContent,
  LocationRequestContent,
  ReactionContent,
  TemplateContent,
]);
export type Content = z.infer<typeof Content>;
