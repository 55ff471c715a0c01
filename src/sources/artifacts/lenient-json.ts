/** A whole string, or one of the words that Python writes and JSON does not know. */
const STRING_OR_WORD = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\b(?:NaN|Infinity)\b/gs;

/**
 * Parses JSON as dbt writes it: Python's NaN, Infinity and -Infinity outside of strings are null.
 * @throws SyntaxError when it is no JSON even so.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
    return JSON.parse(text.replace(STRING_OR_WORD, (found) => (found.startsWith('"') ? found : 'null')));
  }
}
