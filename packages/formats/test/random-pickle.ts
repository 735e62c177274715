/** The first so many pieces only put a value on the stack. */
const PUSHING = 20;

/** Instructions that mean something together, with their operands. */
const PIECES = [
  "N",
  "\x88",
  "I7\n",
  "K\x05",
  "L3L\n",
  "\x8a\x01\xff",
  "G\x3f\xf0\0\0\0\0\0\0",
  "S'ab'\n",
  "U\x02ab",
  `T\x50\0\0\0${"z".repeat(80)}`,
  "X\x02\0\0\0ab",
  "\x8c\x01x",
  "C\x08abcdefgh",
  "B\x02\0\0\0ab",
  "]",
  ")",
  "}",
  "\x8f",
  "(",
  "t",
  "l",
  "d",
  "u",
  "e",
  "a",
  "s",
  "\x85",
  "\x86",
  "\x87",
  "\x90",
  "\x91",
  "0",
  "1",
  "2",
  "p0\n",
  "q\x01",
  "\x94",
  "g0\n",
  "h\x01",
  "R",
  "\x81",
  "\x92",
  "b",
  "o",
  "Q",
  "Pid\n",
  "cnumpy.core.multiarray\n_reconstruct\n",
  "cnumpy\nndarray\n",
  "cnumpy\ndtype\n",
  "cnumpy.core.multiarray\nscalar\n",
  "cnumpy.core.numeric\n_frombuffer\n",
  "(S'f8'\nI0\nI1\ntR(I3\nS'<'\nNNNI-1\nI-1\nI0\ntb",
  "(I1\nI1\ntcnumpy\ndtype\n(S'f8'\nI0\nI1\ntRI00\nC\x08abcdefghtb",
  "cscipy.sparse\ncsc_matrix\n)\x81",
  "cchumpy.ch\nCh\n)\x81",
  "S'x'\n",
  "S'data'\n",
  "S'_shape'\n",
  "ccollections\nOrderedDict\n",
  "c__builtin__\nset\n",
  "c__builtin__\nlist\n",
  "c_codecs\nencode\n",
  "ccopy_reg\n_reconstructor\n",
  "ctorch._utils\n_rebuild_tensor_v2\n",
  "ctorch.storage\n_load_from_bytes\n",
  "cos\nsystem\n",
  "imodule\nname\n",
] as const;

/** A pickle of random instructions: many make sense in part, some as a whole. */
export function randomPickle(random: () => number): Uint8Array<ArrayBuffer> {
  const below = (limit: number): number => Math.floor(random() * limit);
  // Something for the first instructions to work on; what is left at the end becomes a tuple.
  let text = "(";
  for (let k = below(12); k >= 0; k--) text += PIECES[below(PUSHING)];
  for (let k = below(20); k >= 0; k--) text += PIECES[below(PIECES.length)];
  return Uint8Array.from(`${text}t.`, (letter) => letter.charCodeAt(0));
}
