export const meta = {
  name: 'abbruch',
  description: 'Misst die größten Module und bricht mit einem Fehler ab, der das Skript verlässt',
  phases: [{ title: 'Messen' }, { title: 'Prüfen' }],
}

/* Zeile und Spalte müssen stimmen, trotz „Anführungszeichen“, 😀 und ${nichts} davor. */
const module = ['größe', 'übersicht', '日本語', 'naïve']

phase('Messen')
const antworten = await parallel(
  module.map(name => () =>
    agent(`Wie viele Zeilen hat das Modul „${name}“? Antworte mit einer Zahl.`, { label: `messen ${name}` }),
  ),
)

phase('Prüfen')
const prüfe = (wert, name) => {
  if (wert === null) throw new Error(`kein Ergebnis für „${name}“ 💔`)
  return wert.länge.wert
}

let summe = 0
for (const [i, antwort] of antworten.entries()) {
  // Ein Tippfehler, wie er vorkommt: ein Text hat keine Eigenschaft „länge“.
  summe += prüfe(antwort, module[i])
  log(`${module[i]}: ${summe} 📏`)
}

return { summe }
