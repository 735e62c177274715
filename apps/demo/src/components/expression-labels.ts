/** The parts of the face that expressions move, in the order they are shown. */
export const PARTS = ["Eyes", "Brows", "Cheeks and nose", "Jaw", "Mouth"] as const;

const PREFIXES: Readonly<Record<string, (typeof PARTS)[number]>> = {
  eye: "Eyes",
  brow: "Brows",
  cheek: "Cheeks and nose",
  nose: "Cheeks and nose",
  jaw: "Jaw",
};

/** The part that an expression of ARKit's naming belongs to. */
export function partOf(name: string): (typeof PARTS)[number] {
  return PREFIXES[words(name)[0]!] ?? "Mouth";
}

/** An expression's name in words: `mouthSmileLeft` is "Smile left", `mouthLeft` "Mouth left". */
export function labelOf(name: string): string {
  const parts = words(name);
  const side = ["left", "right"].includes(parts[1]!);
  const named = !side && parts.length > 1 && ["eye", "brow", "mouth"].includes(parts[0]!);
  const kept = named ? parts.slice(1) : parts;
  const label = kept.join(" ");
  return label[0]!.toUpperCase() + label.slice(1);
}

function words(name: string): string[] {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).split(" ");
}
