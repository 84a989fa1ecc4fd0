// Blanks the types of TypeScript, so that lines and columns stay. For the part of it that this repository writes:
// `type` and `interface` at the start of a line, annotations of variables, parameters, results and fields, `as T`,
// type parameters of functions and classes, `private`, `readonly` and `implements`.

const TOKEN = /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|`(?:\\.|[^`\\])*`|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|=>|[A-Za-z_$#][\w$]*|\d[\w.]*|./g
const OPEN = { '(': ')', '[': ']', '{': '}', '<': '>' }
const CLOSE = new Set(Object.values(OPEN))
const MODIFIERS = new Set(['private', 'public', 'readonly'])
const STATEMENTS = new Set(['const', 'let', 'var', 'for', 'while', 'if', 'return', 'throw', 'else', 'switch', 'try'])
const NO_PARAMETERS = new Set(['if', 'for', 'while', 'switch', 'catch', 'return'])

export function erase(source) {
  const tokens = source.match(TOKEN) ?? []
  const isSpace = (at) => at in tokens && /^(\s|\/\/|\/\*)/.test(tokens[at])
  const next = (at) => { do at++; while (isSpace(at)); return at }
  const before = (at) => { do at--; while (isSpace(at)); return at }
  const isName = (at) => /^[A-Za-z_$#]/.test(tokens[at] ?? '')
  const blank = (from, to) => {
    for (let at = from; at < to; at++) tokens[at] = tokens[at].replace(/[^\n]/g, ' ')
  }
  /** Past the bracket that closes this one. */
  const past = (at) => {
    let depth = 0
    do {
      if (tokens[at] in OPEN) depth++
      else if (CLOSE.has(tokens[at])) depth--
      at++
    } while (depth > 0 && at < tokens.length)
    return at
  }
  /** Past a type, up to one of the tokens that end it. */
  const pastType = (at, ends) => {
    let last = at
    for (at = isSpace(at) ? next(at) : at; at < tokens.length; at = next(at)) {
      const token = tokens[at]
      if (token === '=>' && !ends.includes('=>')) { last = at; continue }
      // A result that is an object type begins with its brace.
      const begins = token === '{' && [':', '|', '&', '=>'].includes(tokens[before(at)].trim() || ':')
      if (!begins && (ends.includes(token) || CLOSE.has(token))) break
      if (token in OPEN) at = past(at) - 1
      last = at
    }
    return last + 1
  }
  const isField = (at) => isName(at) && /\n {2}$/.test(tokens[at - 1] ?? '') && !STATEMENTS.has(tokens[at])
  const isLineStart = (at) => at === 0 || tokens[at - 1].includes('\n')

  /** Annotations within a list of parameters. */
  const parameters = (open) => {
    const close = past(open) - 1
    for (let at = open + 1; at < close; at = next(at)) {
      if (['private', 'readonly', 'public'].includes(tokens[at]) && isName(next(at))) blank(at, at + 1)
      if (tokens[at] === '?' && tokens[next(at)] === ':') blank(at, at + 1)
      if (tokens[at] === 'this' && tokens[next(at)] === ':') {
        const end = pastType(next(at) + 1, [',', '='])
        blank(at, tokens[end] === ',' ? end + 1 : end)
      } else if (tokens[at] === ':') blank(at, pastType(at + 1, [',', '=']))
      else if (tokens[at] in OPEN) at = past(at) - 1
      else if (tokens[at] === '=') while (at < close && tokens[next(at)] !== ',' && next(at) < close) at = tokens[at = next(at)] in OPEN ? past(at) - 1 : at
    }
    return close
  }

  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]
    if (isSpace(at)) continue
    const start = token === 'export' ? next(at) : at
    if (isLineStart(at) && ['type', 'interface'].includes(tokens[start]) && isName(next(start))) {
      let end = next(start)
      while (!['{', '='].includes(tokens[end])) end = next(end)
      end = tokens[end] === '{' ? past(end) : pastType(end + 1, [';', 'export', 'const', 'class', 'function'])
      blank(at, end)
    } else if (token === 'import' && tokens[next(at)] === 'type') {
      let end = at
      while (!tokens[end].includes('\n')) end++
      blank(at, end)
    } else if (['const', 'let', 'var'].includes(token)) {
      const name = next(at)
      const colon = tokens[name] in OPEN ? (isSpace(past(name)) ? next(past(name)) : past(name)) : next(name)
      if (tokens[colon] === ':') blank(colon, pastType(colon + 1, ['=', ';', 'of', 'in']))
    } else if (isField(at)) {
      // `readonly name: T`, `name?: T = …`, and whatever else a class holds.
      let name = at
      for (; MODIFIERS.has(tokens[name]) && isName(next(name)); name = next(name)) blank(name, name + 1)
      let colon = next(name)
      if (tokens[colon] === '?') blank(colon, ++colon)
      const isEnd = tokens.slice(colon).findIndex((one) => one.includes('\n'))
      if (tokens[colon] === ':') blank(colon, Math.min(pastType(colon + 1, ['=', ';']), colon + isEnd))
      // A name with parameters is seen at its parenthesis.
      at = Math.max(at, colon - 1)
    } else if (token === 'implements') {
      let end = at
      while (tokens[end] !== '{') end++
      blank(at, end)
    } else if (token === 'as' && !isLineStart(at) && (isName(before(at)) || CLOSE.has(tokens[before(at)]))) {
      blank(at, pastType(at + 1, [',', ';', '=', '.', '?', '+', '-', '*']))
    } else if (token === '<' && isName(before(at)) && ['function', 'class', 'new'].includes(tokens[before(before(at))])) {
      blank(at, past(at))
    } else if (token === '(') {
      const word = tokens[before(at)]
      const close = past(at) - 1
      const after = next(close)
      const isArrow = tokens[after] === '=>'
      let end = after
      if (tokens[after] === ':') end = pastType(after + 1, ['{', '=>', ';'])
      const follows = isSpace(end) ? next(end) : end
      const isFunction = !NO_PARAMETERS.has(word) && ['{', '=>'].includes(tokens[follows])
      if (isArrow || isFunction) {
        // A ternary's branch in parentheses looks like a result only if an arrow or a body comes after it.
        parameters(at)
        if (tokens[after] === ':') blank(after, end)
      }
    }
  }
  return tokens.join('')
}

