export const meta = {
  name: 'catalog-sync',
  description: 'Synchronises the message catalogue of the shop: finds untranslated, drifting and broken messages in six languages and has them fixed',
  whenToUse: 'After every change of the English source strings',
  phases: [{ title: 'Inspect' }, { title: 'Translate' }, { title: 'Proofread' }],
}

// The catalogue is part of the script: a workflow has no files, and 1,000 strings fit.
const CATALOG = {
  // cart ────────────────────────────────────────────────────────
  'cart.item.added': { // push notification, desktop only, also in the printed summary; at most 120 characters; formal address (Sie, vous, Вы); since 2023.7; see I18N-1520 and the glossary
    en: 'The item was added.',
    de: 'Artikel hinzugefügt.',
    ru: 'товар: добавлено.',
  },
  'cart.item.confirm': { // toast at the lower edge, phone and desktop; at most 90 characters; no address at all; since 2021.3; see I18N-4527 and the glossary
    en: 'Remove this item?',
    fr: 'Supprimer article ?',
    ja: 'この商品を削除しますか?',
    ru: 'Удалить товар?',
  },
  'cart.item.empty': { // banner above the form, phone only; at most 120 characters; no address at all; since 2023.4; see I18N-2139 and the glossary
    en: 'No item found for “{query}”.',
    de: 'Kein Treffer (Artikel) für „{query}“.',
    fr: 'Aucun résultat (article) pour « {query} ».',
    ja: '「{query}」に一致する商品はありません。',
    ar: 'لا يوجد المنتج يطابق «{query}».',
  },
  'cart.item.count': { // push notification, phone and desktop; at most 120 characters; imperative, friendly; since 2020.9; see I18N-5010 and the glossary
    en: '{count} of {total} (item)',
    ru: '{count} из {total} (товар)',
  },
  'cart.item.failed': { // toast at the lower edge, phone and desktop; at most 28 characters; no address at all; since 2022.5; see I18N-2084 and the glossary
    en: 'Could not save the item. Try again in {seconds} s.',
    de: 'Artikel konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    fr: 'Échec de l’enregistrement (article). Réessayez dans {seconds} s.',
    ja: '商品を保存できませんでした。{seconds}秒後に再試行してください。',
    ar: 'تعذر حفظ المنتج. حاول بعد {seconds} ثانية.',
    ru: 'товар: не удалось сохранить. Повторите через {seconds} с.',
  },
  'cart.item.shipped': { // dialog title, phone and desktop; at most 120 characters; no address at all; since 2019.1; see I18N-2796 and the glossary
    en: 'Your item is on its way 🚚',
    de: 'Artikel ist unterwegs 🚚',
    ja: '商品は配送中です 🚚',
    ar: 'المنتج في الطريق 🚚',
  },
  'cart.address.added': { // toast at the lower edge, desktop only, also in the printed summary; at most 120 characters; no address at all; since 2025.11; see I18N-6573 and the glossary
    en: 'The address was added.',
    ja: '住所を追加しました。',
    ar: 'تمت إضافة العنوان.',
    ru: 'адрес: добавлено.',
  },
  'cart.address.confirm': { // push notification, desktop only, also in the printed summary; at most 120 characters; formal address (Sie, vous, Вы); since 2020.6; see I18N-3646 and the glossary
    en: 'Remove this address?',
    ja: 'この住所を削除しますか?',
    ar: 'هل تريد حذف العنوان؟',
  },
  'cart.address.empty': { // empty state below the illustration, phone and desktop; at most 28 characters; formal address (Sie, vous, Вы); since 2023.2; see I18N-2403 and the glossary
    en: 'No address found for “{query}”.',
    ja: '「{query}」に一致する住所はありません。',
    ar: 'لا يوجد العنوان يطابق «{query}».',
    ru: 'адрес: ничего не найдено по «{query}».',
  },
  'cart.address.count': { // banner above the form, desktop only, also in the printed summary; at most 40 characters; imperative, friendly; since 2021.7; see I18N-7118 and the glossary
    en: '{count} of {total} (address)',
    de: '{count} von {total} (Adresse)',
    ar: '{count} من {total} (العنوان)',
    ru: '{count} из {total} (адрес)',
  },
  'cart.address.failed': { // toast at the lower edge, phone only; at most 28 characters; imperative, friendly; since 2020.5; see I18N-8953 and the glossary
    en: 'Could not save the address. Try again in {seconds} s.',
    ar: 'تعذر حفظ العنوان. حاول بعد {seconds} ثانية.',
  },
  'cart.address.shipped': { // dialog title, phone and desktop; at most 28 characters; imperative, friendly; since 2022.6; see I18N-7939 and the glossary
    en: 'Your address is on its way 🚚',
    de: 'Adresse ist unterwegs 🚚',
    fr: 'adresse : en route 🚚',
    ar: 'العنوان في الطريق 🚚',
    ru: 'адрес в пути 🚚',
  },
  'cart.order.added': { // status line of the table, phone and desktop; at most 28 characters; no address at all; since 2025.9; see I18N-2604 and the glossary
    en: 'The order was added.',
    ja: '注文を追加しました。',
  },
  'cart.order.confirm': { // status line of the table, phone only; at most 40 characters; no address at all; since 2019.3; see I18N-7209 and the glossary
    en: 'Remove this order?',
    de: 'Bestellung wirklich löschen?',
    fr: 'Supprimer commande ?',
    ja: 'この注文を削除しますか?',
    ar: 'هل تريد حذف الطلب؟',
  },
  'cart.order.empty': { // push notification, desktop only, also in the printed summary; at most 28 characters; imperative, friendly; since 2021.1; see I18N-1821 and the glossary
    en: 'No order found for “{query}”.',
    de: 'Kein Treffer (Bestellung) für „{query}“.',
  },
  'cart.order.count': { // banner above the form, phone and desktop; at most 40 characters; no address at all; since 2019.10; see I18N-5033 and the glossary
    en: '{count} of {total} (order)',
    de: '{count} von {total} (Bestellung)',
    ja: '注文:{total}件中{count}件',
  },
  'cart.order.failed': { // empty state below the illustration, phone only; at most 40 characters; imperative, friendly; since 2024.5; see I18N-8491 and the glossary
    en: 'Could not save the order. Try again in {seconds} s.',
    de: 'Bestellung konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    ar: 'تعذر حفظ الطلب. حاول بعد {seconds} ثانية.',
  },
  'cart.order.shipped': { // empty state below the illustration, phone and desktop; at most 40 characters; no address at all; since 2021.3; see I18N-8179 and the glossary
    en: 'Your order is on its way 🚚',
    de: 'Bestellung ist unterwegs 🚚',
    fr: 'commande : en route 🚚',
  },
  'cart.card.added': { // dialog title, phone only; at most 28 characters; formal address (Sie, vous, Вы); since 2024.9; see I18N-3546 and the glossary
    en: 'The card was added.',
    de: 'Karte hinzugefügt.',
    ja: 'カードを追加しました。',
    ru: 'карта: добавлено.',
  },
  'cart.card.confirm': { // empty state below the illustration, phone and desktop; at most 28 characters; no address at all; since 2025.3; see I18N-5291 and the glossary
    en: 'Remove this card?',
    fr: 'Supprimer carte ?',
    ja: 'このカードを削除しますか?',
  },
  'cart.card.empty': { // empty state below the illustration, desktop only, also in the printed summary; at most 120 characters; formal address (Sie, vous, Вы); since 2022.3; see I18N-1685 and the glossary
    en: 'No card found for “{query}”.',
    fr: 'Aucun résultat (carte) pour « {query} ».',
    ja: '「{query}」に一致するカードはありません。',
  },
  'cart.card.count': { // status line of the table, desktop only, also in the printed summary; at most 40 characters; formal address (Sie, vous, Вы); since 2025.3; see I18N-3900 and the glossary
    en: '{count} of {total} (card)',
    de: '{count} von {total} (Karte)',
    ru: '{count} из {total} (карта)',
  },
  'cart.card.failed': { // push notification, phone and desktop; at most 90 characters; formal address (Sie, vous, Вы); since 2025.8; see I18N-4644 and the glossary
    en: 'Could not save the card. Try again in {seconds} s.',
    de: 'Karte konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    fr: 'Échec de l’enregistrement (carte). Réessayez dans {seconds} s.',
    ja: 'カードを保存できませんでした。{seconds}秒後に再試行してください。',
    ar: 'تعذر حفظ البطاقة. حاول بعد {seconds} ثانية.',
  },
  'cart.card.shipped': { // push notification, desktop only, also in the printed summary; at most 60 characters; formal address (Sie, vous, Вы); since 2019.5; see I18N-3925 and the glossary
    en: 'Your card is on its way 🚚',
    ja: 'カードは配送中です 🚚',
  },
  'cart.message.added': { // banner above the form, phone and desktop; at most 90 characters; imperative, friendly; since 2020.5; see I18N-1727 and the glossary
    en: 'The message was added.',
    fr: 'message : ajouté.',
    ar: 'تمت إضافة الرسالة.',
  },
  'cart.message.confirm': { // push notification, phone only; at most 120 characters; no address at all; since 2024.2; see I18N-5920 and the glossary
    en: 'Remove this message?',
    de: 'Nachricht wirklich löschen?',
    fr: 'Supprimer message ?',
    ja: 'このメッセージを削除しますか?',
  },
  'cart.message.empty': { // status line of the table, desktop only, also in the printed summary; at most 28 characters; no address at all; since 2021.4; see I18N-8043 and the glossary
    en: 'No message found for “{query}”.',
    de: 'Kein Treffer (Nachricht) für „{query}“.',
    ja: '「{query}」に一致するメッセージはありません。',
    ru: 'сообщение: ничего не найдено по «{query}».',
  },
  'cart.message.count': { // push notification, desktop only, also in the printed summary; at most 120 characters; no address at all; since 2019.4; see I18N-6085 and the glossary
    en: '{count} of {total} (message)',
    de: '{count} von {total} (Nachricht)',
    fr: '{Count} sur {total} (message)',
    ja: 'メッセージ:{total}件中{count}件',
    ar: '{count} من {total} (الرسالة)',
  },
  'cart.message.failed': { // push notification, desktop only, also in the printed summary; at most 28 characters; formal address (Sie, vous, Вы); since 2025.7; see I18N-4585 and the glossary
    en: 'Could not save the message. Try again in {seconds} s.',
    de: 'Nachricht konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    ja: 'メッセージを保存できませんでした。{seconds}秒後に再試行してください。',
  },
  'cart.message.shipped': { // banner above the form, desktop only, also in the printed summary; at most 60 characters; no address at all; since 2023.12; see I18N-9270 and the glossary
    en: 'Your message is on its way 🚚',
    fr: 'message : en route 🚚',
    ar: 'الرسالة في الطريق 🚚',
    ru: 'сообщение в пути 🚚',
  },
  'cart.store.added': { // dialog title, phone only; at most 90 characters; formal address (Sie, vous, Вы); since 2024.5; see I18N-4841 and the glossary
    en: 'The store was added.',
    de: 'Filiale hinzugefügt.',
    fr: 'magasin : ajouté.',
    ar: 'تمت إضافة المتجر.',
  },
  'cart.store.confirm': { // dialog title, phone only; at most 90 characters; imperative, friendly; since 2024.1; see I18N-7232 and the glossary
    en: 'Remove this store?',
    de: 'Filiale wirklich löschen?',
    ar: 'هل تريد حذف المتجر؟',
  },
  'cart.store.empty': { // dialog title, phone only; at most 40 characters; no address at all; since 2022.8; see I18N-1475 and the glossary
    en: 'No store found for “{query}”.',
    de: 'Kein Treffer (Filiale) für „{query}“.',
    fr: 'Aucun résultat (magasin) pour « {query} ».',
    ja: '「{query}」に一致する店舗はありません。',
    ar: 'لا يوجد المتجر يطابق «{query}».',
    ru: 'магазин: ничего не найдено по «{query}».',
  },
  'cart.store.count': { // empty state below the illustration, phone only; at most 60 characters; formal address (Sie, vous, Вы); since 2022.6; see I18N-6529 and the glossary
    en: '{count} of {total} (store)',
    de: '{count} von {total} (Filiale)',
    ar: '{count} من {total} (المتجر)',
  },
  'cart.store.failed': { // empty state below the illustration, phone and desktop; at most 28 characters; imperative, friendly; since 2019.1; see I18N-5051 and the glossary
    en: 'Could not save the store. Try again in {seconds} s.',
    ar: 'تعذر حفظ المتجر. حاول بعد {seconds} ثانية.',
    ru: 'магазин: не удалось сохранить. Повторите через {seconds} с.',
  },
  'cart.store.shipped': { // dialog title, desktop only, also in the printed summary; at most 120 characters; imperative, friendly; since 2024.2; see I18N-3683 and the glossary
    en: 'Your store is on its way 🚚',
    de: 'Filiale ist unterwegs 🚚',
    fr: 'magasin : en route 🚚',
    ar: 'المتجر في الطريق 🚚',
    ru: 'магазин в пути 🚚',
  },
  'cart.voucher.added': { // push notification, desktop only, also in the printed summary; at most 28 characters; imperative, friendly; since 2025.1; see I18N-6688 and the glossary
    en: 'The voucher was added.',
    fr: 'bon : ajouté.',
    ja: 'クーポンを追加しました。',
    ru: 'купон: добавлено.',
  },
  'cart.voucher.confirm': { // dialog title, phone only; at most 40 characters; imperative, friendly; since 2023.11; see I18N-5425 and the glossary
    en: 'Remove this voucher?',
    ar: 'هل تريد حذف القسيمة؟',
  },
  'cart.voucher.empty': { // dialog title, phone and desktop; at most 60 characters; no address at all; since 2020.8; see I18N-7209 and the glossary
    en: 'No voucher found for “{query}”.',
    de: 'Kein Treffer (Gutschein) für „{query}“.',
    ja: '「{query}」に一致するクーポンはありません。',
    ar: 'لا يوجد القسيمة يطابق «{query}».',
  },
  'cart.voucher.count': { // dialog title, phone and desktop; at most 40 characters; imperative, friendly; since 2022.8; see I18N-4937 and the glossary
    en: '{count} of {total} (voucher)',
    fr: '{count} sur {total} (bon)',
    ja: 'クーポン:{total}件中{count}件',
    ar: '{count} من {total} (القسيمة)',
  },
  'cart.voucher.failed': { // status line of the table, desktop only, also in the printed summary; at most 120 characters; no address at all; since 2021.12; see I18N-8434 and the glossary
    en: 'Could not save the voucher. Try again in {seconds} s.',
    de: 'Gutschein konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    ja: 'クーポンを保存できませんでした。{seconds}秒後に再試行してください。',
    ru: 'купон: не удалось сохранить. Повторите через {seconds} с.',
  },
  'cart.voucher.shipped': { // banner above the form, desktop only, also in the printed summary; at most 60 characters; formal address (Sie, vous, Вы); since 2025.4; see I18N-5853 and the glossary
    en: 'Your voucher is on its way 🚚',
    de: 'Gutschein ist unterwegs 🚚',
    ru: 'купон в пути 🚚',
  },
  // checkout ────────────────────────────────────────────────────
  'checkout.item.added': { // status line of the table, phone and desktop; at most 28 characters; imperative, friendly; since 2021.8; see I18N-8843 and the glossary
    en: 'The item was added.',
    fr: 'article : ajouté.',
    ja: '商品を追加しました。',
    ar: 'تمت إضافة المنتج.',
  },
  'checkout.item.confirm': { // banner above the form, phone only; at most 28 characters; formal address (Sie, vous, Вы); since 2019.9; see I18N-7818 and the glossary
    en: 'Remove this item?',
    ja: 'この商品を削除しますか?',
  },
  'checkout.item.empty': { // status line of the table, phone only; at most 120 characters; imperative, friendly; since 2019.10; see I18N-2625 and the glossary
    en: 'No item found for “{query}”.',
    ru: 'товар: ничего не найдено по «{query}».',
  },
  'checkout.item.count': { // toast at the lower edge, phone only; at most 90 characters; imperative, friendly; since 2023.8; see I18N-5771 and the glossary
    en: '{count} of {total} (item)',
    fr: '{Count} sur {total} (article)',
  },
  'checkout.item.failed': { // push notification, desktop only, also in the printed summary; at most 40 characters; no address at all; since 2019.9; see I18N-4683 and the glossary
    en: 'Could not save the item. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (article). Réessayez dans {seconds} s.',
  },
  'checkout.item.shipped': { // banner above the form, phone only; at most 90 characters; formal address (Sie, vous, Вы); since 2022.12; see I18N-5982 and the glossary
    en: 'Your item is on its way 🚚',
    de: 'Artikel ist unterwegs 🚚',
    ru: 'товар в пути 🚚',
  },
  'checkout.address.added': { // toast at the lower edge, phone and desktop; at most 120 characters; imperative, friendly; since 2019.11; see I18N-5415 and the glossary
    en: 'The address was added.',
  },
  'checkout.address.confirm': { // empty state below the illustration, phone and desktop; at most 120 characters; no address at all; since 2024.8; see I18N-2494 and the glossary
    en: 'Remove this address?',
    de: 'Adresse wirklich löschen?',
    fr: 'Supprimer adresse ?',
  },
  'checkout.address.empty': { // banner above the form, phone and desktop; at most 90 characters; formal address (Sie, vous, Вы); since 2021.5; see I18N-6296 and the glossary
    en: 'No address found for “{query}”.',
    ar: 'لا يوجد العنوان يطابق «{query}».',
  },
  'checkout.address.count': { // toast at the lower edge, phone and desktop; at most 120 characters; no address at all; since 2023.8; see I18N-8242 and the glossary
    en: '{count} of {total} (address)',
    de: '{count} von {total} (Adresse)',
    fr: '{count} sur {total} (adresse)',
    ar: '{count} من {total} (العنوان)',
  },
  'checkout.address.failed': { // banner above the form, phone and desktop; at most 120 characters; no address at all; since 2019.4; see I18N-2858 and the glossary
    en: 'Could not save the address. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (adresse). Réessayez dans {seconds} s.',
    ja: '住所を保存できませんでした。{seconds}秒後に再試行してください。',
  },
  'checkout.address.shipped': { // dialog title, phone only; at most 120 characters; formal address (Sie, vous, Вы); since 2022.4; see I18N-9327 and the glossary
    en: 'Your address is on its way 🚚',
    de: 'Adresse ist unterwegs 🚚',
    ar: 'العنوان في الطريق 🚚',
    ru: 'адрес в пути 🚚',
  },
  'checkout.order.added': { // banner above the form, desktop only, also in the printed summary; at most 90 characters; formal address (Sie, vous, Вы); since 2022.9; see I18N-8935 and the glossary
    en: 'The order was added.',
    de: 'Bestellung hinzugefügt.',
    ar: 'تمت إضافة الطلب.',
    ru: 'заказ: добавлено.',
  },
  'checkout.order.confirm': { // push notification, phone only; at most 90 characters; no address at all; since 2024.11; see I18N-3492 and the glossary
    en: 'Remove this order?',
    de: 'Bestellung wirklich löschen?',
    fr: 'Supprimer commande ?',
    ar: 'هل تريد حذف الطلب؟',
  },
  'checkout.order.empty': { // push notification, phone and desktop; at most 28 characters; no address at all; since 2025.5; see I18N-6546 and the glossary
    en: 'No order found for “{query}”.',
    ar: 'لا يوجد الطلب يطابق «{query}».',
  },
  'checkout.order.count': { // push notification, desktop only, also in the printed summary; at most 90 characters; imperative, friendly; since 2019.10; see I18N-2121 and the glossary
    en: '{count} of {total} (order)',
    ja: '注文:{total}件中{count}件',
    ar: '{count} من {total} (الطلب)',
    ru: '{count} из {total} (заказ)',
  },
  'checkout.order.failed': { // toast at the lower edge, phone and desktop; at most 60 characters; formal address (Sie, vous, Вы); since 2021.6; see I18N-7141 and the glossary
    en: 'Could not save the order. Try again in {seconds} s.',
    de: 'Bestellung konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    fr: 'Échec de l’enregistrement (commande). Réessayez dans {seconds} s.',
  },
  'checkout.order.shipped': { // status line of the table, desktop only, also in the printed summary; at most 40 characters; formal address (Sie, vous, Вы); since 2022.11; see I18N-5161 and the glossary
    en: 'Your order is on its way 🚚',
    ja: '注文は配送中です 🚚',
    ru: 'заказ в пути 🚚',
  },
  'checkout.card.added': { // empty state below the illustration, desktop only, also in the printed summary; at most 90 characters; imperative, friendly; since 2021.8; see I18N-5949 and the glossary
    en: 'The card was added.',
    fr: 'carte : ajouté.',
    ar: 'تمت إضافة البطاقة.',
    ru: 'карта: добавлено.',
  },
  'checkout.card.confirm': { // banner above the form, desktop only, also in the printed summary; at most 28 characters; imperative, friendly; since 2024.8; see I18N-5689 and the glossary
    en: 'Remove this card?',
    de: 'Karte wirklich löschen?',
    ja: 'このカードを削除しますか?',
    ar: 'هل تريد حذف البطاقة؟',
  },
  'checkout.card.empty': { // push notification, desktop only, also in the printed summary; at most 28 characters; no address at all; since 2025.8; see I18N-1546 and the glossary
    en: 'No card found for “{query}”.',
    de: 'Kein Treffer (Karte) für „{query}“.',
    fr: 'Aucun résultat (carte) pour « {query} ».',
    ja: '「{query}」に一致するカードはありません。',
  },
  'checkout.card.count': { // dialog title, phone only; at most 90 characters; no address at all; since 2024.6; see I18N-2886 and the glossary
    en: '{count} of {total} (card)',
    fr: '{count} sur {total} (carte)',
    ja: 'カード:{total}件中{count}件',
    ar: '{count} من {total} (البطاقة)',
    ru: '{count} из {total} (карта)',
  },
  'checkout.card.failed': { // empty state below the illustration, desktop only, also in the printed summary; at most 60 characters; imperative, friendly; since 2022.11; see I18N-7086 and the glossary
    en: 'Could not save the card. Try again in {seconds} s.',
    de: 'Karte konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
  },
  'checkout.card.shipped': { // toast at the lower edge, desktop only, also in the printed summary; at most 90 characters; imperative, friendly; since 2021.11; see I18N-7689 and the glossary
    en: 'Your card is on its way 🚚',
    fr: 'carte : en route 🚚',
    ja: 'カードは配送中です 🚚',
    ar: 'البطاقة في الطريق 🚚',
  },
  'checkout.message.added': { // banner above the form, phone only; at most 120 characters; imperative, friendly; since 2024.3; see I18N-7797 and the glossary
    en: 'The message was added.',
    de: 'Nachricht hinzugefügt.',
    ar: 'تمت إضافة الرسالة.',
    ru: 'сообщение: добавлено.',
  },
  'checkout.message.confirm': { // empty state below the illustration, desktop only, also in the printed summary; at most 60 characters; formal address (Sie, vous, Вы); since 2022.5; see I18N-4109 and the glossary
    en: 'Remove this message?',
    ru: 'Удалить сообщение?',
  },
  'checkout.message.empty': { // toast at the lower edge, phone only; at most 40 characters; formal address (Sie, vous, Вы); since 2025.10; see I18N-4362 and the glossary
    en: 'No message found for “{query}”.',
    de: 'Kein Treffer (Nachricht) für „{query}“.',
    ar: 'لا يوجد الرسالة يطابق «{query}».',
    ru: 'сообщение: ничего не найдено по «{query}».',
  },
  'checkout.message.count': { // dialog title, desktop only, also in the printed summary; at most 60 characters; formal address (Sie, vous, Вы); since 2019.11; see I18N-1422 and the glossary
    en: '{count} of {total} (message)',
    fr: '{count} sur {total} (message)',
    ar: '{count} من {total} (الرسالة)',
  },
  'checkout.message.failed': { // toast at the lower edge, phone only; at most 90 characters; no address at all; since 2023.10; see I18N-2786 and the glossary
    en: 'Could not save the message. Try again in {seconds} s.',
  },
  'checkout.message.shipped': { // push notification, desktop only, also in the printed summary; at most 60 characters; no address at all; since 2024.1; see I18N-1996 and the glossary
    en: 'Your message is on its way 🚚',
    ja: 'メッセージは配送中です 🚚',
    ar: 'الرسالة في الطريق 🚚',
    ru: 'сообщение в пути 🚚',
  },
  'checkout.store.added': { // banner above the form, desktop only, also in the printed summary; at most 60 characters; no address at all; since 2023.9; see I18N-5831 and the glossary
    en: 'The store was added.',
    de: 'Filiale hinzugefügt.',
    ru: 'магазин: добавлено.',
  },
  'checkout.store.confirm': { // status line of the table, phone and desktop; at most 90 characters; no address at all; since 2025.8; see I18N-7532 and the glossary
    en: 'Remove this store?',
    de: 'Filiale wirklich löschen?',
    fr: 'Supprimer magasin ?',
    ja: 'この店舗を削除しますか?',
    ar: 'هل تريد حذف المتجر؟',
  },
  'checkout.store.empty': { // banner above the form, phone and desktop; at most 120 characters; imperative, friendly; since 2023.6; see I18N-3002 and the glossary
    en: 'No store found for “{query}”.',
    de: 'Kein Treffer (Filiale) für „{query}“.',
    ar: 'لا يوجد المتجر يطابق «{query}».',
    ru: 'магазин: ничего не найдено по «{query}».',
  },
  'checkout.store.count': { // status line of the table, phone and desktop; at most 28 characters; no address at all; since 2025.9; see I18N-7022 and the glossary
    en: '{count} of {total} (store)',
  },
  'checkout.store.failed': { // banner above the form, desktop only, also in the printed summary; at most 120 characters; formal address (Sie, vous, Вы); since 2023.11; see I18N-5381 and the glossary
    en: 'Could not save the store. Try again in {seconds} s.',
    ru: 'магазин: не удалось сохранить. Повторите через {second} с.',
  },
  'checkout.store.shipped': { // push notification, phone only; at most 28 characters; formal address (Sie, vous, Вы); since 2024.11; see I18N-1502 and the glossary
    en: 'Your store is on its way 🚚',
    de: 'Filiale ist unterwegs 🚚',
    fr: 'magasin : en route 🚚',
  },
  'checkout.voucher.added': { // toast at the lower edge, phone and desktop; at most 40 characters; imperative, friendly; since 2019.11; see I18N-2336 and the glossary
    en: 'The voucher was added.',
    ar: 'تمت إضافة القسيمة.',
    ru: 'купон: добавлено.',
  },
  'checkout.voucher.confirm': { // push notification, desktop only, also in the printed summary; at most 90 characters; imperative, friendly; since 2024.5; see I18N-1744 and the glossary
    en: 'Remove this voucher?',
    fr: 'Supprimer bon ?',
  },
  'checkout.voucher.empty': { // empty state below the illustration, phone only; at most 28 characters; formal address (Sie, vous, Вы); since 2022.12; see I18N-8055 and the glossary
    en: 'No voucher found for “{query}”.',
    ja: '「{query}」に一致するクーポンはありません。',
    ar: 'لا يوجد القسيمة يطابق «{query}».',
    ru: 'купон: ничего не найдено по «{query}».',
  },
  'checkout.voucher.count': { // empty state below the illustration, desktop only, also in the printed summary; at most 90 characters; imperative, friendly; since 2022.12; see I18N-7843 and the glossary
    en: '{count} of {total} (voucher)',
    fr: '{count} sur {total} (bon)',
    ru: '{count} из {total} (купон)',
  },
  'checkout.voucher.failed': { // toast at the lower edge, phone and desktop; at most 90 characters; imperative, friendly; since 2022.9; see I18N-2288 and the glossary
    en: 'Could not save the voucher. Try again in {seconds} s.',
    de: 'Gutschein konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    ja: 'クーポンを保存できませんでした。{seconds}秒後に再試行してください。',
  },
  'checkout.voucher.shipped': { // empty state below the illustration, phone only; at most 40 characters; formal address (Sie, vous, Вы); since 2019.3; see I18N-5193 and the glossary
    en: 'Your voucher is on its way 🚚',
    ru: 'купон в пути 🚚',
  },
  // account ─────────────────────────────────────────────────────
  'account.item.added': { // banner above the form, desktop only, also in the printed summary; at most 90 characters; imperative, friendly; since 2023.11; see I18N-6295 and the glossary
    en: 'The item was added.',
    de: 'Artikel hinzugefügt.',
    fr: 'article : ajouté.',
    ar: 'تمت إضافة المنتج.',
  },
  'account.item.confirm': { // toast at the lower edge, phone only; at most 60 characters; formal address (Sie, vous, Вы); since 2024.2; see I18N-9307 and the glossary
    en: 'Remove this item?',
  },
  'account.item.empty': { // banner above the form, desktop only, also in the printed summary; at most 40 characters; no address at all; since 2023.8; see I18N-9214 and the glossary
    en: 'No item found for “{query}”.',
    fr: 'Aucun résultat (article) pour « {query} ».',
    ja: '「{query}」に一致する商品はありません。',
    ar: 'لا يوجد المنتج يطابق «{query}».',
  },
  'account.item.count': { // banner above the form, desktop only, also in the printed summary; at most 40 characters; no address at all; since 2021.5; see I18N-7347 and the glossary
    en: '{count} of {total} (item)',
  },
  'account.item.failed': { // toast at the lower edge, phone only; at most 28 characters; imperative, friendly; since 2024.7; see I18N-5655 and the glossary
    en: 'Could not save the item. Try again in {seconds} s.',
    ja: '商品を保存できませんでした。{seconds}秒後に再試行してください。',
    ar: 'تعذر حفظ المنتج. حاول بعد {seconds} ثانية.',
    ru: 'товар: не удалось сохранить. Повторите через {seconds} с.',
  },
  'account.item.shipped': { // dialog title, desktop only, also in the printed summary; at most 28 characters; no address at all; since 2023.7; see I18N-6381 and the glossary
    en: 'Your item is on its way 🚚',
    de: 'Artikel ist unterwegs 🚚',
    fr: 'article : en route 🚚',
    ar: 'المنتج في الطريق 🚚',
    ru: 'товар в пути 🚚',
  },
  'account.address.added': { // status line of the table, phone and desktop; at most 40 characters; formal address (Sie, vous, Вы); since 2020.2; see I18N-5846 and the glossary
    en: 'The address was added.',
    ru: 'адрес: добавлено.',
  },
  'account.address.confirm': { // banner above the form, phone and desktop; at most 120 characters; no address at all; since 2020.3; see I18N-3962 and the glossary
    en: 'Remove this address?',
    de: 'Adresse wirklich löschen?',
    fr: 'Supprimer adresse ?',
    ja: 'この住所を削除しますか?',
  },
  'account.address.empty': { // status line of the table, phone and desktop; at most 120 characters; formal address (Sie, vous, Вы); since 2021.8; see I18N-4178 and the glossary
    en: 'No address found for “{query}”.',
    de: 'Kein Treffer (Adresse) für „{query}“.',
    ru: 'адрес: ничего не найдено по «{query}».',
  },
  'account.address.count': { // banner above the form, phone and desktop; at most 60 characters; formal address (Sie, vous, Вы); since 2024.8; see I18N-7081 and the glossary
    en: '{count} of {total} (address)',
    ar: '{count} من {total} (العنوان)',
    ru: '{count} из {total} (адрес)',
  },
  'account.address.failed': { // status line of the table, phone and desktop; at most 40 characters; no address at all; since 2021.1; see I18N-7797 and the glossary
    en: 'Could not save the address. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (adresse). Réessayez dans {seconds} s.',
    ar: 'تعذر حفظ العنوان. حاول بعد {seconds} ثانية.',
  },
  'account.address.shipped': { // dialog title, phone and desktop; at most 28 characters; no address at all; since 2025.8; see I18N-3273 and the glossary
    en: 'Your address is on its way 🚚',
    ja: '住所は配送中です 🚚',
    ar: 'العنوان في الطريق 🚚',
    ru: 'адрес в пути 🚚',
  },
  'account.order.added': { // dialog title, phone only; at most 28 characters; formal address (Sie, vous, Вы); since 2020.7; see I18N-8489 and the glossary
    en: 'The order was added.',
    fr: 'commande : ajouté.',
    ja: '注文を追加しました。',
    ru: 'заказ: добавлено.',
  },
  'account.order.confirm': { // dialog title, desktop only, also in the printed summary; at most 28 characters; imperative, friendly; since 2021.2; see I18N-9618 and the glossary
    en: 'Remove this order?',
    de: 'Bestellung wirklich löschen?',
    ru: 'Удалить заказ?',
  },
  'account.order.empty': { // empty state below the illustration, phone and desktop; at most 60 characters; formal address (Sie, vous, Вы); since 2024.11; see I18N-2698 and the glossary
    en: 'No order found for “{query}”.',
    de: 'Kein Treffer (Bestellung) für „{query}“.',
    ru: 'заказ: ничего не найдено по «{query}».',
  },
  'account.order.count': { // push notification, phone only; at most 40 characters; formal address (Sie, vous, Вы); since 2019.12; see I18N-8498 and the glossary
    en: '{count} of {total} (order)',
    de: '{Count} von {total} (Bestellung)',
    fr: '{count} sur {total} (commande)',
    ar: '{count} من {total} (الطلب)',
  },
  'account.order.failed': { // empty state below the illustration, phone only; at most 28 characters; imperative, friendly; since 2021.5; see I18N-3039 and the glossary
    en: 'Could not save the order. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (commande). Réessayez dans {seconds} s.',
    ru: 'заказ: не удалось сохранить. Повторите через {seconds} с.',
  },
  'account.order.shipped': { // banner above the form, phone only; at most 28 characters; imperative, friendly; since 2022.2; see I18N-8055 and the glossary
    en: 'Your order is on its way 🚚',
    de: 'Bestellung ist unterwegs 🚚',
    ar: 'الطلب في الطريق 🚚',
  },
  'account.card.added': { // push notification, phone only; at most 60 characters; no address at all; since 2019.12; see I18N-6776 and the glossary
    en: 'The card was added.',
    fr: 'carte : ajouté.',
    ar: 'تمت إضافة البطاقة.',
  },
  'account.card.confirm': { // dialog title, phone and desktop; at most 40 characters; imperative, friendly; since 2024.8; see I18N-1570 and the glossary
    en: 'Remove this card?',
    fr: 'Supprimer carte ?',
    ru: 'Удалить карта?',
  },
  'account.card.empty': { // status line of the table, phone and desktop; at most 120 characters; formal address (Sie, vous, Вы); since 2023.6; see I18N-7521 and the glossary
    en: 'No card found for “{query}”.',
    de: 'Kein Treffer (Karte) für „{query}“.',
  },
  'account.card.count': { // toast at the lower edge, phone only; at most 60 characters; imperative, friendly; since 2022.4; see I18N-5678 and the glossary
    en: '{count} of {total} (card)',
    de: '{count} von {total} (Karte)',
    ru: '{count} из {total} (карта)',
  },
  'account.card.failed': { // empty state below the illustration, desktop only, also in the printed summary; at most 60 characters; imperative, friendly; since 2019.9; see I18N-9882 and the glossary
    en: 'Could not save the card. Try again in {seconds} s.',
    ja: 'カードを保存できませんでした。{seconds}秒後に再試行してください。',
    ar: 'تعذر حفظ البطاقة. حاول بعد {seconds} ثانية.',
    ru: 'карта: не удалось сохранить. Повторите через {seconds} с.',
  },
  'account.card.shipped': { // status line of the table, phone and desktop; at most 60 characters; imperative, friendly; since 2023.6; see I18N-8657 and the glossary
    en: 'Your card is on its way 🚚',
    ja: 'カードは配送中です 🚚',
    ar: 'البطاقة في الطريق 🚚',
  },
  'account.message.added': { // banner above the form, phone and desktop; at most 40 characters; no address at all; since 2024.2; see I18N-8372 and the glossary
    en: 'The message was added.',
    fr: 'message : ajouté.',
    ja: 'メッセージを追加しました。',
    ru: 'сообщение: добавлено.',
  },
  'account.message.confirm': { // banner above the form, phone and desktop; at most 60 characters; formal address (Sie, vous, Вы); since 2020.6; see I18N-4694 and the glossary
    en: 'Remove this message?',
    de: 'Nachricht wirklich löschen?',
    ar: 'هل تريد حذف الرسالة؟',
    ru: 'Удалить сообщение?',
  },
  'account.message.empty': { // dialog title, desktop only, also in the printed summary; at most 120 characters; formal address (Sie, vous, Вы); since 2020.11; see I18N-6531 and the glossary
    en: 'No message found for “{query}”.',
    de: 'Kein Treffer (Nachricht) für „{query}“.',
    ar: 'لا يوجد الرسالة يطابق «{qeury}».',
  },
  'account.message.count': { // status line of the table, desktop only, also in the printed summary; at most 28 characters; no address at all; since 2024.9; see I18N-5745 and the glossary
    en: '{count} of {total} (message)',
    fr: '{count} sur {total} (message)',
    ja: 'メッセージ:{total}件中{count}件',
    ar: '{count} من {total} (الرسالة)',
    ru: '{count} из {total} (сообщение)',
  },
  'account.message.failed': { // empty state below the illustration, desktop only, also in the printed summary; at most 60 characters; no address at all; since 2020.6; see I18N-9437 and the glossary
    en: 'Could not save the message. Try again in {seconds} s.',
    ru: 'сообщение: не удалось сохранить. Повторите через {seconds} с.',
  },
  'account.message.shipped': { // status line of the table, desktop only, also in the printed summary; at most 90 characters; formal address (Sie, vous, Вы); since 2025.3; see I18N-6364 and the glossary
    en: 'Your message is on its way 🚚',
  },
  'account.store.added': { // status line of the table, phone only; at most 60 characters; no address at all; since 2019.2; see I18N-7442 and the glossary
    en: 'The store was added.',
    de: 'Filiale hinzugefügt.',
    fr: 'magasin : ajouté.',
    ru: 'магазин: добавлено.',
  },
  'account.store.confirm': { // status line of the table, phone and desktop; at most 60 characters; imperative, friendly; since 2021.7; see I18N-6995 and the glossary
    en: 'Remove this store?',
    de: 'Filiale wirklich löschen?',
    fr: 'Supprimer magasin ?',
    ar: 'هل تريد حذف المتجر؟',
    ru: 'Удалить магазин?',
  },
  'account.store.empty': { // empty state below the illustration, phone only; at most 120 characters; no address at all; since 2025.3; see I18N-4261 and the glossary
    en: 'No store found for “{query}”.',
    de: 'Kein Treffer (Filiale) für „{query}“.',
    fr: 'Aucun résultat (magasin) pour « {query} ».',
    ja: '「{query}」に一致する店舗はありません。',
  },
  'account.store.count': { // empty state below the illustration, phone and desktop; at most 90 characters; imperative, friendly; since 2024.5; see I18N-6511 and the glossary
    en: '{count} of {total} (store)',
    ja: '店舗:{total}件中{count}件',
    ru: '{count} из {total} (магазин)',
  },
  'account.store.failed': { // empty state below the illustration, desktop only, also in the printed summary; at most 28 characters; imperative, friendly; since 2022.5; see I18N-4728 and the glossary
    en: 'Could not save the store. Try again in {seconds} s.',
  },
  'account.store.shipped': { // status line of the table, phone and desktop; at most 40 characters; formal address (Sie, vous, Вы); since 2023.12; see I18N-2800 and the glossary
    en: 'Your store is on its way 🚚',
    de: 'Filiale ist unterwegs 🚚',
    fr: 'magasin : en route 🚚',
    ar: 'المتجر في الطريق 🚚',
    ru: 'магазин в пути 🚚',
  },
  'account.voucher.added': { // push notification, phone only; at most 120 characters; no address at all; since 2021.3; see I18N-8531 and the glossary
    en: 'The voucher was added.',
    de: 'Gutschein hinzugefügt.',
    fr: 'bon : ajouté.',
    ja: 'クーポンを追加しました。',
    ru: 'купон: добавлено.',
  },
  'account.voucher.confirm': { // empty state below the illustration, phone only; at most 40 characters; imperative, friendly; since 2024.8; see I18N-6194 and the glossary
    en: 'Remove this voucher?',
    ja: 'このクーポンを削除しますか?',
    ru: 'Удалить купон?',
  },
  'account.voucher.empty': { // empty state below the illustration, phone and desktop; at most 60 characters; formal address (Sie, vous, Вы); since 2021.12; see I18N-2294 and the glossary
    en: 'No voucher found for “{query}”.',
    fr: 'Aucun résultat (bon) pour « {query} ».',
    ja: '「{query}」に一致するクーポンはありません。',
    ar: 'لا يوجد القسيمة يطابق «{query}».',
  },
  'account.voucher.count': { // dialog title, phone and desktop; at most 120 characters; formal address (Sie, vous, Вы); since 2024.4; see I18N-1860 and the glossary
    en: '{count} of {total} (voucher)',
    de: '{count} von {total} (Gutschein)',
    fr: '{count} sur {total} (bon)',
    ar: '{count} من {total} (القسيمة)',
    ru: '{count} из {total} (купон)',
  },
  'account.voucher.failed': { // empty state below the illustration, phone only; at most 60 characters; imperative, friendly; since 2019.2; see I18N-4804 and the glossary
    en: 'Could not save the voucher. Try again in {seconds} s.',
    de: 'Gutschein konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    fr: 'Échec de l’enregistrement (bon). Réessayez dans {seconds} s.',
    ar: 'تعذر حفظ القسيمة. حاول بعد {seconds} ثانية.',
    ru: 'купон: не удалось сохранить. Повторите через {seconds} с.',
  },
  'account.voucher.shipped': { // empty state below the illustration, phone and desktop; at most 28 characters; no address at all; since 2023.10; see I18N-2758 and the glossary
    en: 'Your voucher is on its way 🚚',
    de: 'Gutschein ist unterwegs 🚚',
    ar: 'القسيمة في الطريق 🚚',
    ru: 'купон в пути 🚚',
  },
  // search ──────────────────────────────────────────────────────
  'search.item.added': { // push notification, phone only; at most 60 characters; imperative, friendly; since 2020.1; see I18N-6523 and the glossary
    en: 'The item was added.',
    ar: 'تمت إضافة المنتج.',
  },
  'search.item.confirm': { // banner above the form, phone only; at most 28 characters; no address at all; since 2024.2; see I18N-4027 and the glossary
    en: 'Remove this item?',
    de: 'Artikel wirklich löschen?',
    ja: 'この商品を削除しますか?',
    ar: 'هل تريد حذف المنتج؟',
    ru: 'Удалить товар?',
  },
  'search.item.empty': { // push notification, phone and desktop; at most 90 characters; no address at all; since 2020.7; see I18N-9233 and the glossary
    en: 'No item found for “{query}”.',
    de: 'Kein Treffer (Artikel) für „{query}“.',
    fr: 'Aucun résultat (article) pour « {query} ».',
  },
  'search.item.count': { // status line of the table, phone and desktop; at most 90 characters; imperative, friendly; since 2023.6; see I18N-7813 and the glossary
    en: '{count} of {total} (item)',
    de: '{count} von {total} (Artikel)',
    fr: '{count} sur {total} (article)',
    ru: '{count} из {total} (товар)',
  },
  'search.item.failed': { // empty state below the illustration, phone and desktop; at most 120 characters; formal address (Sie, vous, Вы); since 2019.9; see I18N-9281 and the glossary
    en: 'Could not save the item. Try again in {seconds} s.',
    de: 'Artikel konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    fr: 'Échec de l’enregistrement (article). Réessayez dans {seconds} s.',
    ja: '商品を保存できませんでした。{seconds}秒後に再試行してください。',
  },
  'search.item.shipped': { // dialog title, desktop only, also in the printed summary; at most 90 characters; no address at all; since 2023.1; see I18N-8575 and the glossary
    en: 'Your item is on its way 🚚',
    de: 'Artikel ist unterwegs 🚚',
    ja: '商品は配送中です 🚚',
  },
  'search.address.added': { // banner above the form, phone and desktop; at most 28 characters; no address at all; since 2019.5; see I18N-7698 and the glossary
    en: 'The address was added.',
    ru: 'адрес: добавлено.',
  },
  'search.address.confirm': { // status line of the table, phone only; at most 90 characters; formal address (Sie, vous, Вы); since 2024.11; see I18N-9835 and the glossary
    en: 'Remove this address?',
    de: 'Adresse wirklich löschen?',
    fr: 'Supprimer adresse ?',
    ja: 'この住所を削除しますか?',
    ru: 'Удалить адрес?',
  },
  'search.address.empty': { // status line of the table, phone and desktop; at most 40 characters; no address at all; since 2021.3; see I18N-5516 and the glossary
    en: 'No address found for “{query}”.',
    de: 'Kein Treffer (Adresse) für „{query}“.',
    fr: 'Aucun résultat (adresse) pour « {query} ».',
    ar: 'لا يوجد العنوان يطابق «{query}».',
  },
  'search.address.count': { // status line of the table, desktop only, also in the printed summary; at most 28 characters; formal address (Sie, vous, Вы); since 2024.1; see I18N-7590 and the glossary
    en: '{count} of {total} (address)',
    de: '{count} von {total} (Adresse)',
    fr: '{count} sur {total} (adresse)',
    ru: '{count} из {total} (адрес)',
  },
  'search.address.failed': { // empty state below the illustration, phone and desktop; at most 60 characters; formal address (Sie, vous, Вы); since 2024.9; see I18N-4621 and the glossary
    en: 'Could not save the address. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (adresse). Réessayez dans {seconds} s.',
    ja: '住所を保存できませんでした。{seconds}秒後に再試行してください。',
    ar: 'تعذر حفظ العنوان. حاول بعد {seconds} ثانية.',
    ru: 'адрес: не удалось сохранить. Повторите через {seconds} с.',
  },
  'search.address.shipped': { // push notification, phone only; at most 90 characters; formal address (Sie, vous, Вы); since 2021.7; see I18N-4012 and the glossary
    en: 'Your address is on its way 🚚',
    ja: '住所は配送中です 🚚',
  },
  'search.order.added': { // banner above the form, phone only; at most 90 characters; imperative, friendly; since 2023.3; see I18N-7363 and the glossary
    en: 'The order was added.',
    de: 'Bestellung hinzugefügt.',
    ja: '注文を追加しました。',
    ar: 'تمت إضافة الطلب.',
    ru: 'заказ: добавлено.',
  },
  'search.order.confirm': { // banner above the form, desktop only, also in the printed summary; at most 120 characters; formal address (Sie, vous, Вы); since 2022.4; see I18N-6455 and the glossary
    en: 'Remove this order?',
    fr: 'Supprimer commande ?',
    ja: 'この注文を削除しますか?',
    ar: 'هل تريد حذف الطلب؟',
  },
  'search.order.empty': { // dialog title, desktop only, also in the printed summary; at most 60 characters; no address at all; since 2022.8; see I18N-9743 and the glossary
    en: 'No order found for “{query}”.',
    de: 'Kein Treffer (Bestellung) für „{query}“.',
    fr: 'Aucun résultat (commande) pour « {query} ».',
    ja: '「{query}」に一致する注文はありません。',
    ar: 'لا يوجد الطلب يطابق «{query}».',
  },
  'search.order.count': { // push notification, phone and desktop; at most 28 characters; no address at all; since 2023.10; see I18N-7841 and the glossary
    en: '{count} of {total} (order)',
    ru: '{count} из {total} (заказ)',
  },
  'search.order.failed': { // empty state below the illustration, phone only; at most 90 characters; imperative, friendly; since 2024.12; see I18N-9037 and the glossary
    en: 'Could not save the order. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (commande). Réessayez dans {seconds} s.',
    ar: 'تعذر حفظ الطلب. حاول بعد {seconds} ثانية.',
    ru: 'заказ: не удалось сохранить. Повторите через {seconds} с.',
  },
  'search.order.shipped': { // toast at the lower edge, desktop only, also in the printed summary; at most 28 characters; formal address (Sie, vous, Вы); since 2022.3; see I18N-4791 and the glossary
    en: 'Your order is on its way 🚚',
    de: 'Bestellung ist unterwegs 🚚',
    fr: 'commande : en route 🚚',
    ja: '注文は配送中です 🚚',
    ru: 'заказ в пути 🚚',
  },
  'search.card.added': { // push notification, phone only; at most 120 characters; no address at all; since 2019.9; see I18N-8054 and the glossary
    en: 'The card was added.',
    de: 'Karte hinzugefügt.',
    ja: 'カードを追加しました。',
  },
  'search.card.confirm': { // status line of the table, phone and desktop; at most 60 characters; no address at all; since 2022.10; see I18N-4984 and the glossary
    en: 'Remove this card?',
    ar: 'هل تريد حذف البطاقة؟',
  },
  'search.card.empty': { // toast at the lower edge, phone only; at most 90 characters; no address at all; since 2023.8; see I18N-1919 and the glossary
    en: 'No card found for “{query}”.',
    de: 'Kein Treffer (Karte) für „{query}“.',
    fr: 'Aucun résultat (carte) pour « {query} ».',
    ja: '「{query}」に一致するカードはありません。',
    ar: 'لا يوجد البطاقة يطابق «{query}».',
    ru: 'карта: ничего не найдено по «{query}».',
  },
  'search.card.count': { // toast at the lower edge, desktop only, also in the printed summary; at most 60 characters; imperative, friendly; since 2023.11; see I18N-1539 and the glossary
    en: '{count} of {total} (card)',
    fr: '{count} sur {total} (carte)',
    ja: 'カード:{total}件中{Count}件',
    ar: '{count} من {total} (البطاقة)',
  },
  'search.card.failed': { // status line of the table, desktop only, also in the printed summary; at most 120 characters; no address at all; since 2022.12; see I18N-3292 and the glossary
    en: 'Could not save the card. Try again in {seconds} s.',
    de: 'Karte konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    fr: 'Échec de l’enregistrement (carte). Réessayez dans {seconds} s.',
    ar: 'تعذر حفظ البطاقة. حاول بعد {seconds} ثانية.',
    ru: 'карта: не удалось сохранить. Повторите через {seconds} с.',
  },
  'search.card.shipped': { // push notification, phone only; at most 90 characters; no address at all; since 2020.6; see I18N-7150 and the glossary
    en: 'Your card is on its way 🚚',
    de: 'Karte ist unterwegs 🚚',
    fr: 'carte : en route 🚚',
    ja: 'カードは配送中です 🚚',
    ar: 'البطاقة في الطريق 🚚',
  },
  'search.message.added': { // toast at the lower edge, phone and desktop; at most 28 characters; no address at all; since 2022.6; see I18N-5419 and the glossary
    en: 'The message was added.',
    fr: 'message : ajouté.',
    ja: 'メッセージを追加しました。',
    ar: 'تمت إضافة الرسالة.',
  },
  'search.message.confirm': { // toast at the lower edge, phone only; at most 90 characters; no address at all; since 2025.2; see I18N-4977 and the glossary
    en: 'Remove this message?',
    fr: 'Supprimer message ?',
    ja: 'このメッセージを削除しますか?',
    ar: 'هل تريد حذف الرسالة؟',
    ru: 'Удалить сообщение?',
  },
  'search.message.empty': { // push notification, phone only; at most 120 characters; imperative, friendly; since 2020.8; see I18N-2752 and the glossary
    en: 'No message found for “{query}”.',
  },
  'search.message.count': { // empty state below the illustration, phone only; at most 60 characters; no address at all; since 2025.11; see I18N-3230 and the glossary
    en: '{count} of {total} (message)',
    ar: '{count} من {total} (الرسالة)',
  },
  'search.message.failed': { // push notification, desktop only, also in the printed summary; at most 90 characters; imperative, friendly; since 2025.4; see I18N-6339 and the glossary
    en: 'Could not save the message. Try again in {seconds} s.',
    de: 'Nachricht konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
  },
  'search.message.shipped': { // push notification, desktop only, also in the printed summary; at most 28 characters; imperative, friendly; since 2022.12; see I18N-4434 and the glossary
    en: 'Your message is on its way 🚚',
    ja: 'メッセージは配送中です 🚚',
    ar: 'الرسالة في الطريق 🚚',
    ru: 'сообщение в пути 🚚',
  },
  'search.store.added': { // status line of the table, phone and desktop; at most 90 characters; imperative, friendly; since 2022.10; see I18N-7566 and the glossary
    en: 'The store was added.',
    fr: 'magasin : ajouté.',
    ar: 'تمت إضافة المتجر.',
    ru: 'магазин: добавлено.',
  },
  'search.store.confirm': { // dialog title, desktop only, also in the printed summary; at most 60 characters; formal address (Sie, vous, Вы); since 2024.10; see I18N-1725 and the glossary
    en: 'Remove this store?',
    de: 'Filiale wirklich löschen?',
    fr: 'Supprimer magasin ?',
    ja: 'この店舗を削除しますか?',
    ar: 'هل تريد حذف المتجر؟',
  },
  'search.store.empty': { // empty state below the illustration, phone only; at most 90 characters; imperative, friendly; since 2023.12; see I18N-9199 and the glossary
    en: 'No store found for “{query}”.',
    fr: 'Aucun résultat (magasin) pour « {query} ».',
    ja: '「{query}」に一致する店舗はありません。',
    ar: 'لا يوجد المتجر يطابق «{query}».',
  },
  'search.store.count': { // banner above the form, phone only; at most 60 characters; no address at all; since 2019.8; see I18N-8412 and the glossary
    en: '{count} of {total} (store)',
    de: '{count} von {total} (Filiale)',
    fr: '{count} sur {total} (magasin)',
    ru: '{count} из {total} (магазин)',
  },
  'search.store.failed': { // dialog title, phone only; at most 120 characters; no address at all; since 2022.4; see I18N-7636 and the glossary
    en: 'Could not save the store. Try again in {seconds} s.',
    de: 'Filiale konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    ja: '店舗を保存できませんでした。{seconds}秒後に再試行してください。',
  },
  'search.store.shipped': { // dialog title, phone and desktop; at most 60 characters; imperative, friendly; since 2025.2; see I18N-2667 and the glossary
    en: 'Your store is on its way 🚚',
    de: 'Filiale ist unterwegs 🚚',
    fr: 'magasin : en route 🚚',
  },
  'search.voucher.added': { // status line of the table, desktop only, also in the printed summary; at most 90 characters; imperative, friendly; since 2019.6; see I18N-6766 and the glossary
    en: 'The voucher was added.',
    fr: 'bon : ajouté.',
    ar: 'تمت إضافة القسيمة.',
  },
  'search.voucher.confirm': { // empty state below the illustration, phone and desktop; at most 40 characters; no address at all; since 2024.3; see I18N-9369 and the glossary
    en: 'Remove this voucher?',
    fr: 'Supprimer bon ?',
  },
  'search.voucher.empty': { // dialog title, desktop only, also in the printed summary; at most 40 characters; no address at all; since 2021.3; see I18N-4065 and the glossary
    en: 'No voucher found for “{query}”.',
    de: 'Kein Treffer (Gutschein) für „{query}“.',
    ar: 'لا يوجد القسيمة يطابق «{query}».',
    ru: 'купон: ничего не найдено по «{query}».',
  },
  'search.voucher.count': { // status line of the table, desktop only, also in the printed summary; at most 90 characters; no address at all; since 2020.2; see I18N-1505 and the glossary
    en: '{count} of {total} (voucher)',
    de: '{count} von {total} (Gutschein)',
    fr: '{Count} sur {total} (bon)',
    ru: '{count} из {total} (купон)',
  },
  'search.voucher.failed': { // empty state below the illustration, desktop only, also in the printed summary; at most 60 characters; imperative, friendly; since 2025.1; see I18N-8231 and the glossary
    en: 'Could not save the voucher. Try again in {seconds} s.',
    de: 'Gutschein konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    fr: 'Échec de l’enregistrement (bon). Réessayez dans {seconds} s.',
    ru: 'купон: не удалось сохранить. Повторите через {seconds} с.',
  },
  'search.voucher.shipped': { // toast at the lower edge, phone and desktop; at most 40 characters; imperative, friendly; since 2023.12; see I18N-6744 and the glossary
    en: 'Your voucher is on its way 🚚',
    de: 'Gutschein ist unterwegs 🚚',
    ar: 'القسيمة في الطريق 🚚',
  },
  // orders ──────────────────────────────────────────────────────
  'orders.item.added': { // banner above the form, desktop only, also in the printed summary; at most 40 characters; no address at all; since 2024.5; see I18N-5740 and the glossary
    en: 'The item was added.',
    de: 'Artikel hinzugefügt.',
    fr: 'article : ajouté.',
    ja: '商品を追加しました。',
    ar: 'تمت إضافة المنتج.',
    ru: 'товар: добавлено.',
  },
  'orders.item.confirm': { // dialog title, desktop only, also in the printed summary; at most 90 characters; no address at all; since 2020.10; see I18N-5402 and the glossary
    en: 'Remove this item?',
    de: 'Artikel wirklich löschen?',
    fr: 'Supprimer article ?',
  },
  'orders.item.empty': { // status line of the table, phone only; at most 60 characters; imperative, friendly; since 2019.12; see I18N-2526 and the glossary
    en: 'No item found for “{query}”.',
    de: 'Kein Treffer (Artikel) für „{query}“.',
    ja: '「{query}」に一致する商品はありません。',
    ar: 'لا يوجد المنتج يطابق «{query}».',
    ru: 'товар: ничего не найдено по «{query}».',
  },
  'orders.item.count': { // banner above the form, phone only; at most 60 characters; imperative, friendly; since 2025.1; see I18N-1752 and the glossary
    en: '{count} of {total} (item)',
    ja: '商品:{total}件中{count}件',
    ru: '{count} из {total} (товар)',
  },
  'orders.item.failed': { // push notification, phone and desktop; at most 60 characters; formal address (Sie, vous, Вы); since 2025.5; see I18N-2529 and the glossary
    en: 'Could not save the item. Try again in {seconds} s.',
    de: 'Artikel konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    ar: 'تعذر حفظ المنتج. حاول بعد {seconds} ثانية.',
  },
  'orders.item.shipped': { // push notification, phone and desktop; at most 28 characters; formal address (Sie, vous, Вы); since 2020.8; see I18N-2276 and the glossary
    en: 'Your item is on its way 🚚',
    ar: 'المنتج في الطريق 🚚',
  },
  'orders.address.added': { // status line of the table, desktop only, also in the printed summary; at most 40 characters; no address at all; since 2019.4; see I18N-7276 and the glossary
    en: 'The address was added.',
    de: 'Adresse hinzugefügt.',
    ja: '住所を追加しました。',
    ar: 'تمت إضافة العنوان.',
    ru: 'адрес: добавлено.',
  },
  'orders.address.confirm': { // dialog title, phone only; at most 60 characters; imperative, friendly; since 2020.11; see I18N-3480 and the glossary
    en: 'Remove this address?',
    de: 'Adresse wirklich löschen?',
    fr: 'Supprimer adresse ?',
    ar: 'هل تريد حذف العنوان؟',
    ru: 'Удалить адрес?',
  },
  'orders.address.empty': { // dialog title, desktop only, also in the printed summary; at most 120 characters; imperative, friendly; since 2024.10; see I18N-5668 and the glossary
    en: 'No address found for “{query}”.',
    ja: '「{query}」に一致する住所はありません。',
    ru: 'адрес: ничего не найдено по «{query}».',
  },
  'orders.address.count': { // toast at the lower edge, phone and desktop; at most 90 characters; no address at all; since 2019.4; see I18N-9185 and the glossary
    en: '{count} of {total} (address)',
    ar: '{count} من {total} (العنوان)',
  },
  'orders.address.failed': { // banner above the form, phone only; at most 60 characters; imperative, friendly; since 2024.3; see I18N-8717 and the glossary
    en: 'Could not save the address. Try again in {seconds} s.',
    de: 'Adresse konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
  },
  'orders.address.shipped': { // status line of the table, desktop only, also in the printed summary; at most 60 characters; imperative, friendly; since 2024.9; see I18N-7806 and the glossary
    en: 'Your address is on its way 🚚',
  },
  'orders.order.added': { // toast at the lower edge, phone only; at most 28 characters; imperative, friendly; since 2020.3; see I18N-9788 and the glossary
    en: 'The order was added.',
    ja: '注文を追加しました。',
    ar: 'تمت إضافة الطلب.',
  },
  'orders.order.confirm': { // dialog title, phone and desktop; at most 90 characters; formal address (Sie, vous, Вы); since 2022.10; see I18N-1901 and the glossary
    en: 'Remove this order?',
    de: 'Bestellung wirklich löschen?',
    ar: 'هل تريد حذف الطلب؟',
  },
  'orders.order.empty': { // push notification, phone only; at most 40 characters; no address at all; since 2020.12; see I18N-5403 and the glossary
    en: 'No order found for “{query}”.',
    de: 'Kein Treffer (Bestellung) für „{query}“.',
    fr: 'Aucun résultat (commande) pour « {query} ».',
    ar: 'لا يوجد الطلب يطابق «{query}».',
  },
  'orders.order.count': { // toast at the lower edge, phone only; at most 120 characters; formal address (Sie, vous, Вы); since 2021.3; see I18N-5179 and the glossary
    en: '{count} of {total} (order)',
    fr: '{count} sur {total} (commande)',
    ja: '注文:{total}件中{count}件',
  },
  'orders.order.failed': { // empty state below the illustration, phone only; at most 40 characters; formal address (Sie, vous, Вы); since 2025.1; see I18N-7870 and the glossary
    en: 'Could not save the order. Try again in {seconds} s.',
    de: 'Bestellung konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    ja: '注文を保存できませんでした。{seconds}秒後に再試行してください。',
  },
  'orders.order.shipped': { // dialog title, desktop only, also in the printed summary; at most 28 characters; no address at all; since 2019.8; see I18N-5625 and the glossary
    en: 'Your order is on its way 🚚',
    de: 'Bestellung ist unterwegs 🚚',
    fr: 'commande : en route 🚚',
    ar: 'الطلب في الطريق 🚚',
  },
  'orders.card.added': { // dialog title, desktop only, also in the printed summary; at most 120 characters; formal address (Sie, vous, Вы); since 2020.1; see I18N-7718 and the glossary
    en: 'The card was added.',
    de: 'Karte hinzugefügt.',
    fr: 'carte : ajouté.',
    ru: 'карта: добавлено.',
  },
  'orders.card.confirm': { // dialog title, phone only; at most 90 characters; formal address (Sie, vous, Вы); since 2020.12; see I18N-5584 and the glossary
    en: 'Remove this card?',
    de: 'Karte wirklich löschen?',
    ja: 'このカードを削除しますか?',
  },
  'orders.card.empty': { // dialog title, desktop only, also in the printed summary; at most 90 characters; formal address (Sie, vous, Вы); since 2023.10; see I18N-2020 and the glossary
    en: 'No card found for “{query}”.',
    de: 'Kein Treffer (Karte) für „{query}“.',
    ja: '「{query}」に一致するカードはありません。',
  },
  'orders.card.count': { // empty state below the illustration, phone and desktop; at most 28 characters; formal address (Sie, vous, Вы); since 2020.10; see I18N-2785 and the glossary
    en: '{count} of {total} (card)',
    fr: '{count} sur {total} (carte)',
    ja: 'カード:{total}件中{count}件',
    ar: '{count} من {total} (البطاقة)',
  },
  'orders.card.failed': { // push notification, phone only; at most 120 characters; formal address (Sie, vous, Вы); since 2020.6; see I18N-3430 and the glossary
    en: 'Could not save the card. Try again in {seconds} s.',
  },
  'orders.card.shipped': { // empty state below the illustration, phone and desktop; at most 28 characters; no address at all; since 2025.8; see I18N-5093 and the glossary
    en: 'Your card is on its way 🚚',
    ru: 'карта в пути 🚚',
  },
  'orders.message.added': { // dialog title, phone only; at most 60 characters; imperative, friendly; since 2024.11; see I18N-2376 and the glossary
    en: 'The message was added.',
    de: 'Nachricht hinzugefügt.',
    ar: 'تمت إضافة الرسالة.',
  },
  'orders.message.confirm': { // empty state below the illustration, phone and desktop; at most 28 characters; no address at all; since 2019.3; see I18N-8096 and the glossary
    en: 'Remove this message?',
    fr: 'Supprimer message ?',
    ru: 'Удалить сообщение?',
  },
  'orders.message.empty': { // toast at the lower edge, desktop only, also in the printed summary; at most 120 characters; imperative, friendly; since 2020.11; see I18N-5835 and the glossary
    en: 'No message found for “{query}”.',
    ru: 'сообщение: ничего не найдено по «{query}».',
  },
  'orders.message.count': { // banner above the form, phone and desktop; at most 120 characters; formal address (Sie, vous, Вы); since 2022.12; see I18N-6883 and the glossary
    en: '{count} of {total} (message)',
    ru: '{count} из {total} (сообщение)',
  },
  'orders.message.failed': { // banner above the form, phone and desktop; at most 28 characters; no address at all; since 2019.8; see I18N-9674 and the glossary
    en: 'Could not save the message. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (message). Réessayez dans {seconds} s.',
  },
  'orders.message.shipped': { // push notification, phone and desktop; at most 40 characters; imperative, friendly; since 2025.7; see I18N-6813 and the glossary
    en: 'Your message is on its way 🚚',
    ru: 'сообщение в пути 🚚',
  },
  'orders.store.added': { // banner above the form, phone and desktop; at most 60 characters; imperative, friendly; since 2023.3; see I18N-4084 and the glossary
    en: 'The store was added.',
    ar: 'تمت إضافة المتجر.',
  },
  'orders.store.confirm': { // banner above the form, phone and desktop; at most 28 characters; imperative, friendly; since 2022.1; see I18N-6435 and the glossary
    en: 'Remove this store?',
    de: 'Filiale wirklich löschen?',
    fr: 'Supprimer magasin ?',
  },
  'orders.store.empty': { // dialog title, phone and desktop; at most 120 characters; no address at all; since 2019.6; see I18N-7481 and the glossary
    en: 'No store found for “{query}”.',
    de: 'Kein Treffer (Filiale) für „{query}“.',
    fr: 'Aucun résultat (magasin) pour « {query} ».',
    ru: 'магазин: ничего не найдено по «{query}».',
  },
  'orders.store.count': { // banner above the form, phone only; at most 40 characters; imperative, friendly; since 2023.3; see I18N-7199 and the glossary
    en: '{count} of {total} (store)',
    de: '{count} von {total} (Filiale)',
    ar: '{count} من {total} (المتجر)',
    ru: '{count} из {total} (магазин)',
  },
  'orders.store.failed': { // banner above the form, phone and desktop; at most 120 characters; formal address (Sie, vous, Вы); since 2022.3; see I18N-6425 and the glossary
    en: 'Could not save the store. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (magasin). Réessayez dans {seconds} s.',
    ja: '店舗を保存できませんでした。{seconds}秒後に再試行してください。',
    ru: 'магазин: не удалось сохранить. Повторите через {seconds} с.',
  },
  'orders.store.shipped': { // dialog title, desktop only, also in the printed summary; at most 28 characters; no address at all; since 2021.2; see I18N-1020 and the glossary
    en: 'Your store is on its way 🚚',
    de: 'Filiale ist unterwegs 🚚',
    fr: 'magasin : en route 🚚',
    ja: '店舗は配送中です 🚚',
  },
  'orders.voucher.added': { // push notification, phone and desktop; at most 40 characters; no address at all; since 2019.1; see I18N-5831 and the glossary
    en: 'The voucher was added.',
    ja: 'クーポンを追加しました。',
    ar: 'تمت إضافة القسيمة.',
    ru: 'купон: добавлено.',
  },
  'orders.voucher.confirm': { // status line of the table, desktop only, also in the printed summary; at most 28 characters; no address at all; since 2024.3; see I18N-8113 and the glossary
    en: 'Remove this voucher?',
    fr: 'Supprimer bon ?',
    ja: 'このクーポンを削除しますか?',
    ru: 'Удалить купон?',
  },
  'orders.voucher.empty': { // banner above the form, desktop only, also in the printed summary; at most 90 characters; formal address (Sie, vous, Вы); since 2019.6; see I18N-1062 and the glossary
    en: 'No voucher found for “{query}”.',
    de: 'Kein Treffer (Gutschein) für „{query}“.',
  },
  'orders.voucher.count': { // empty state below the illustration, phone and desktop; at most 90 characters; formal address (Sie, vous, Вы); since 2021.7; see I18N-8715 and the glossary
    en: '{count} of {total} (voucher)',
    de: '{count} von {total} (Gutschein)',
    fr: '{count} sur {total} (bon)',
  },
  'orders.voucher.failed': { // status line of the table, phone only; at most 40 characters; no address at all; since 2023.1; see I18N-3476 and the glossary
    en: 'Could not save the voucher. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (bon). Réessayez dans {seconds} s.',
  },
  'orders.voucher.shipped': { // banner above the form, phone and desktop; at most 90 characters; imperative, friendly; since 2022.9; see I18N-8779 and the glossary
    en: 'Your voucher is on its way 🚚',
    ja: 'クーポンは配送中です 🚚',
    ar: 'القسيمة في الطريق 🚚',
    ru: 'купон в пути 🚚',
  },
  // returns ─────────────────────────────────────────────────────
  'returns.item.added': { // status line of the table, phone and desktop; at most 40 characters; formal address (Sie, vous, Вы); since 2025.4; see I18N-3067 and the glossary
    en: 'The item was added.',
    de: 'Artikel hinzugefügt.',
    ja: '商品を追加しました。',
    ar: 'تمت إضافة المنتج.',
  },
  'returns.item.confirm': { // banner above the form, phone only; at most 120 characters; no address at all; since 2025.5; see I18N-9514 and the glossary
    en: 'Remove this item?',
    de: 'Artikel wirklich löschen?',
    ja: 'この商品を削除しますか?',
    ar: 'هل تريد حذف المنتج؟',
  },
  'returns.item.empty': { // toast at the lower edge, desktop only, also in the printed summary; at most 28 characters; no address at all; since 2025.9; see I18N-6633 and the glossary
    en: 'No item found for “{query}”.',
    ja: '「{query}」に一致する商品はありません。',
    ar: 'لا يوجد المنتج يطابق «{query}».',
    ru: 'товар: ничего не найдено по «{query}».',
  },
  'returns.item.count': { // empty state below the illustration, desktop only, also in the printed summary; at most 40 characters; formal address (Sie, vous, Вы); since 2024.8; see I18N-5400 and the glossary
    en: '{count} of {total} (item)',
    fr: '{count} sur {total} (article)',
    ja: '商品:{total}件中{count}件',
  },
  'returns.item.failed': { // dialog title, phone only; at most 90 characters; no address at all; since 2021.12; see I18N-7828 and the glossary
    en: 'Could not save the item. Try again in {seconds} s.',
    ja: '商品を保存できませんでした。{seconds}秒後に再試行してください。',
    ru: 'товар: не удалось сохранить. Повторите через {seconds} с.',
  },
  'returns.item.shipped': { // dialog title, phone and desktop; at most 60 characters; imperative, friendly; since 2023.7; see I18N-3222 and the glossary
    en: 'Your item is on its way 🚚',
  },
  'returns.address.added': { // dialog title, phone and desktop; at most 40 characters; formal address (Sie, vous, Вы); since 2022.1; see I18N-6904 and the glossary
    en: 'The address was added.',
    de: 'Adresse hinzugefügt.',
    ja: '住所を追加しました。',
    ru: 'адрес: добавлено.',
  },
  'returns.address.confirm': { // banner above the form, desktop only, also in the printed summary; at most 60 characters; no address at all; since 2020.5; see I18N-2480 and the glossary
    en: 'Remove this address?',
    ja: 'この住所を削除しますか?',
    ru: 'Удалить адрес?',
  },
  'returns.address.empty': { // status line of the table, desktop only, also in the printed summary; at most 28 characters; imperative, friendly; since 2019.8; see I18N-3167 and the glossary
    en: 'No address found for “{query}”.',
    de: 'Kein Treffer (Adresse) für „{query}“.',
    fr: 'Aucun résultat (adresse) pour « {query} ».',
    ja: '「{query}」に一致する住所はありません。',
    ar: 'لا يوجد العنوان يطابق «{query}».',
  },
  'returns.address.count': { // push notification, desktop only, also in the printed summary; at most 120 characters; no address at all; since 2023.2; see I18N-1120 and the glossary
    en: '{count} of {total} (address)',
  },
  'returns.address.failed': { // banner above the form, phone only; at most 60 characters; imperative, friendly; since 2019.8; see I18N-2045 and the glossary
    en: 'Could not save the address. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (adresse). Réessayez dans {seconds} s.',
    ja: '住所を保存できませんでした。{seconds}秒後に再試行してください。',
    ru: 'адрес: не удалось сохранить. Повторите через {seconds} с.',
  },
  'returns.address.shipped': { // banner above the form, phone only; at most 60 characters; imperative, friendly; since 2020.12; see I18N-1417 and the glossary
    en: 'Your address is on its way 🚚',
    de: 'Adresse ist unterwegs 🚚',
  },
  'returns.order.added': { // banner above the form, phone and desktop; at most 60 characters; imperative, friendly; since 2024.4; see I18N-9759 and the glossary
    en: 'The order was added.',
    ru: 'заказ: добавлено.',
  },
  'returns.order.confirm': { // banner above the form, phone and desktop; at most 60 characters; formal address (Sie, vous, Вы); since 2022.3; see I18N-5237 and the glossary
    en: 'Remove this order?',
    de: 'Bestellung wirklich löschen?',
    ru: 'Удалить заказ?',
  },
  'returns.order.empty': { // status line of the table, phone only; at most 60 characters; no address at all; since 2023.5; see I18N-8598 and the glossary
    en: 'No order found for “{query}”.',
    de: 'Kein Treffer (Bestellung) für „{query}“.',
    fr: 'Aucun résultat (commande) pour « {query} ».',
    ru: 'заказ: ничего не найдено по «{query}».',
  },
  'returns.order.count': { // toast at the lower edge, phone and desktop; at most 40 characters; formal address (Sie, vous, Вы); since 2021.7; see I18N-8496 and the glossary
    en: '{count} of {total} (order)',
    de: '{count} von {total} (Bestellung)',
    ja: '注文:{total}件中{count}件',
  },
  'returns.order.failed': { // dialog title, phone and desktop; at most 120 characters; formal address (Sie, vous, Вы); since 2022.2; see I18N-3120 and the glossary
    en: 'Could not save the order. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (commande). Réessayez dans {seconds} s.',
  },
  'returns.order.shipped': { // empty state below the illustration, phone and desktop; at most 60 characters; imperative, friendly; since 2020.1; see I18N-1067 and the glossary
    en: 'Your order is on its way 🚚',
    fr: 'commande : en route 🚚',
  },
  'returns.card.added': { // dialog title, phone and desktop; at most 28 characters; no address at all; since 2021.8; see I18N-9524 and the glossary
    en: 'The card was added.',
    de: 'Karte hinzugefügt.',
    ru: 'карта: добавлено.',
  },
  'returns.card.confirm': { // status line of the table, phone and desktop; at most 40 characters; formal address (Sie, vous, Вы); since 2024.3; see I18N-4460 and the glossary
    en: 'Remove this card?',
    fr: 'Supprimer carte ?',
    ru: 'Удалить карта?',
  },
  'returns.card.empty': { // toast at the lower edge, desktop only, also in the printed summary; at most 28 characters; imperative, friendly; since 2019.11; see I18N-1323 and the glossary
    en: 'No card found for “{query}”.',
    de: 'Kein Treffer (Karte) für „{query}“.',
    ja: '「{query}」に一致するカードはありません。',
    ru: 'карта: ничего не найдено по «{query}».',
  },
  'returns.card.count': { // banner above the form, phone only; at most 120 characters; imperative, friendly; since 2024.3; see I18N-7862 and the glossary
    en: '{count} of {total} (card)',
    fr: '{count} sur {total} (carte)',
  },
  'returns.card.failed': { // dialog title, phone only; at most 120 characters; formal address (Sie, vous, Вы); since 2021.12; see I18N-7713 and the glossary
    en: 'Could not save the card. Try again in {seconds} s.',
    de: 'Karte konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
  },
  'returns.card.shipped': { // push notification, phone and desktop; at most 28 characters; imperative, friendly; since 2024.8; see I18N-3443 and the glossary
    en: 'Your card is on its way 🚚',
    ja: 'カードは配送中です 🚚',
  },
  'returns.message.added': { // empty state below the illustration, phone only; at most 90 characters; formal address (Sie, vous, Вы); since 2019.3; see I18N-1646 and the glossary
    en: 'The message was added.',
    fr: 'message : ajouté.',
    ja: 'メッセージを追加しました。',
    ar: 'تمت إضافة الرسالة.',
  },
  'returns.message.confirm': { // status line of the table, desktop only, also in the printed summary; at most 60 characters; imperative, friendly; since 2019.6; see I18N-6615 and the glossary
    en: 'Remove this message?',
    de: 'Nachricht wirklich löschen?',
    ar: 'هل تريد حذف الرسالة؟',
  },
  'returns.message.empty': { // toast at the lower edge, phone and desktop; at most 28 characters; formal address (Sie, vous, Вы); since 2019.7; see I18N-8908 and the glossary
    en: 'No message found for “{query}”.',
    fr: 'Aucun résultat (message) pour « {query} ».',
    ja: '「{query}」に一致するメッセージはありません。',
    ar: 'لا يوجد الرسالة يطابق «{qeury}».',
    ru: 'сообщение: ничего не найдено по «{query}».',
  },
  'returns.message.count': { // toast at the lower edge, phone and desktop; at most 60 characters; imperative, friendly; since 2021.1; see I18N-9598 and the glossary
    en: '{count} of {total} (message)',
    de: '{count} von {total} (Nachricht)',
    ja: 'メッセージ:{total}件中{count}件',
  },
  'returns.message.failed': { // push notification, desktop only, also in the printed summary; at most 40 characters; no address at all; since 2021.11; see I18N-7305 and the glossary
    en: 'Could not save the message. Try again in {seconds} s.',
    de: 'Nachricht konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    ar: 'تعذر حفظ الرسالة. حاول بعد {seconds} ثانية.',
  },
  'returns.message.shipped': { // dialog title, phone and desktop; at most 90 characters; no address at all; since 2020.6; see I18N-5557 and the glossary
    en: 'Your message is on its way 🚚',
    fr: 'message : en route 🚚',
  },
  'returns.store.added': { // status line of the table, phone and desktop; at most 90 characters; no address at all; since 2021.2; see I18N-9148 and the glossary
    en: 'The store was added.',
    de: 'Filiale hinzugefügt.',
    ru: 'магазин: добавлено.',
  },
  'returns.store.confirm': { // banner above the form, desktop only, also in the printed summary; at most 40 characters; imperative, friendly; since 2024.8; see I18N-6584 and the glossary
    en: 'Remove this store?',
    de: 'Filiale wirklich löschen?',
    fr: 'Supprimer magasin ?',
    ja: 'この店舗を削除しますか?',
    ar: 'هل تريد حذف المتجر؟',
    ru: 'Удалить магазин?',
  },
  'returns.store.empty': { // empty state below the illustration, desktop only, also in the printed summary; at most 120 characters; no address at all; since 2024.2; see I18N-1750 and the glossary
    en: 'No store found for “{query}”.',
    de: 'Kein Treffer (Filiale) für „{query}“.',
    ar: 'لا يوجد المتجر يطابق «{query}».',
    ru: 'магазин: ничего не найдено по «{query}».',
  },
  'returns.store.count': { // dialog title, desktop only, also in the printed summary; at most 60 characters; formal address (Sie, vous, Вы); since 2025.7; see I18N-1761 and the glossary
    en: '{count} of {total} (store)',
    ja: '店舗:{total}件中{count}件',
    ru: '{count} из {total} (магазин)',
  },
  'returns.store.failed': { // banner above the form, desktop only, also in the printed summary; at most 28 characters; imperative, friendly; since 2022.10; see I18N-8912 and the glossary
    en: 'Could not save the store. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (magasin). Réessayez dans {seconds} s.',
    ja: '店舗を保存できませんでした。{seconds}秒後に再試行してください。',
  },
  'returns.store.shipped': { // empty state below the illustration, desktop only, also in the printed summary; at most 90 characters; no address at all; since 2023.12; see I18N-5067 and the glossary
    en: 'Your store is on its way 🚚',
    fr: 'magasin : en route 🚚',
    ar: 'المتجر في الطريق 🚚',
    ru: 'магазин в пути 🚚',
  },
  'returns.voucher.added': { // push notification, desktop only, also in the printed summary; at most 120 characters; imperative, friendly; since 2020.4; see I18N-4435 and the glossary
    en: 'The voucher was added.',
    de: 'Gutschein hinzugefügt.',
    fr: 'bon : ajouté.',
    ar: 'تمت إضافة القسيمة.',
    ru: 'купон: добавлено.',
  },
  'returns.voucher.confirm': { // banner above the form, desktop only, also in the printed summary; at most 90 characters; imperative, friendly; since 2024.9; see I18N-5684 and the glossary
    en: 'Remove this voucher?',
    de: 'Gutschein wirklich löschen?',
  },
  'returns.voucher.empty': { // empty state below the illustration, phone and desktop; at most 60 characters; imperative, friendly; since 2021.3; see I18N-2016 and the glossary
    en: 'No voucher found for “{query}”.',
  },
  'returns.voucher.count': { // toast at the lower edge, desktop only, also in the printed summary; at most 120 characters; formal address (Sie, vous, Вы); since 2024.11; see I18N-7371 and the glossary
    en: '{count} of {total} (voucher)',
    de: '{count} von {total} (Gutschein)',
    ja: 'クーポン:{total}件中{count}件',
    ru: '{count} из {total} (купон)',
  },
  'returns.voucher.failed': { // toast at the lower edge, desktop only, also in the printed summary; at most 60 characters; formal address (Sie, vous, Вы); since 2023.8; see I18N-4695 and the glossary
    en: 'Could not save the voucher. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (bon). Réessayez dans {seconds} s.',
    ja: 'クーポンを保存できませんでした。{seconds}秒後に再試行してください。',
    ru: 'купон: не удалось сохранить. Повторите через {seconds} с.',
  },
  'returns.voucher.shipped': { // dialog title, phone and desktop; at most 120 characters; formal address (Sie, vous, Вы); since 2022.1; see I18N-8020 and the glossary
    en: 'Your voucher is on its way 🚚',
    de: 'Gutschein ist unterwegs 🚚',
    fr: 'bon : en route 🚚',
    ru: 'купон в пути 🚚',
  },
  // reviews ─────────────────────────────────────────────────────
  'reviews.item.added': { // push notification, desktop only, also in the printed summary; at most 60 characters; no address at all; since 2025.10; see I18N-6866 and the glossary
    en: 'The item was added.',
    de: 'Artikel hinzugefügt.',
    ja: '商品を追加しました。',
    ar: 'تمت إضافة المنتج.',
    ru: 'товар: добавлено.',
  },
  'reviews.item.confirm': { // empty state below the illustration, phone and desktop; at most 120 characters; imperative, friendly; since 2022.9; see I18N-1144 and the glossary
    en: 'Remove this item?',
    ja: 'この商品を削除しますか?',
    ar: 'هل تريد حذف المنتج؟',
  },
  'reviews.item.empty': { // toast at the lower edge, phone only; at most 60 characters; imperative, friendly; since 2024.5; see I18N-1404 and the glossary
    en: 'No item found for “{query}”.',
    de: 'Kein Treffer (Artikel) für „{query}“.',
    ar: 'لا يوجد المنتج يطابق «{query}».',
  },
  'reviews.item.count': { // toast at the lower edge, phone and desktop; at most 120 characters; imperative, friendly; since 2019.11; see I18N-2072 and the glossary
    en: '{count} of {total} (item)',
    ja: '商品:{total}件中{count}件',
  },
  'reviews.item.failed': { // push notification, phone only; at most 28 characters; imperative, friendly; since 2024.3; see I18N-1389 and the glossary
    en: 'Could not save the item. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (article). Réessayez dans {seconds} s.',
    ja: '商品を保存できませんでした。{seconds}秒後に再試行してください。',
    ru: 'товар: не удалось сохранить. Повторите через {seconds} с.',
  },
  'reviews.item.shipped': { // status line of the table, phone only; at most 28 characters; no address at all; since 2024.2; see I18N-9762 and the glossary
    en: 'Your item is on its way 🚚',
    de: 'Artikel ist unterwegs 🚚',
    ru: 'товар в пути 🚚',
  },
  'reviews.address.added': { // push notification, phone only; at most 120 characters; formal address (Sie, vous, Вы); since 2021.8; see I18N-7249 and the glossary
    en: 'The address was added.',
    fr: 'adresse : ajouté.',
  },
  'reviews.address.confirm': { // banner above the form, phone only; at most 40 characters; no address at all; since 2024.12; see I18N-7113 and the glossary
    en: 'Remove this address?',
    fr: 'Supprimer adresse ?',
    ru: 'Удалить адрес?',
  },
  'reviews.address.empty': { // dialog title, desktop only, also in the printed summary; at most 60 characters; formal address (Sie, vous, Вы); since 2022.11; see I18N-9397 and the glossary
    en: 'No address found for “{query}”.',
    fr: 'Aucun résultat (adresse) pour « {query} ».',
    ar: 'لا يوجد العنوان يطابق «{query}».',
  },
  'reviews.address.count': { // banner above the form, phone only; at most 120 characters; formal address (Sie, vous, Вы); since 2021.11; see I18N-2103 and the glossary
    en: '{count} of {total} (address)',
    fr: '{count} sur {total} (adresse)',
    ja: '住所:{total}件中{count}件',
    ru: '{count} из {total} (адрес)',
  },
  'reviews.address.failed': { // empty state below the illustration, desktop only, also in the printed summary; at most 60 characters; imperative, friendly; since 2023.3; see I18N-6971 and the glossary
    en: 'Could not save the address. Try again in {seconds} s.',
  },
  'reviews.address.shipped': { // push notification, desktop only, also in the printed summary; at most 90 characters; no address at all; since 2025.6; see I18N-3200 and the glossary
    en: 'Your address is on its way 🚚',
    de: 'Adresse ist unterwegs 🚚',
    fr: 'adresse : en route 🚚',
    ru: 'адрес в пути 🚚',
  },
  'reviews.order.added': { // banner above the form, phone and desktop; at most 60 characters; imperative, friendly; since 2024.2; see I18N-2235 and the glossary
    en: 'The order was added.',
    fr: 'commande : ajouté.',
    ru: 'заказ: добавлено.',
  },
  'reviews.order.confirm': { // banner above the form, phone only; at most 40 characters; no address at all; since 2022.4; see I18N-5767 and the glossary
    en: 'Remove this order?',
    de: 'Bestellung wirklich löschen?',
    fr: 'Supprimer commande ?',
  },
  'reviews.order.empty': { // banner above the form, phone and desktop; at most 90 characters; formal address (Sie, vous, Вы); since 2020.10; see I18N-3395 and the glossary
    en: 'No order found for “{query}”.',
    ja: '「{query}」に一致する注文はありません。',
    ar: 'لا يوجد الطلب يطابق «{query}».',
    ru: 'заказ: ничего не найдено по «{query}».',
  },
  'reviews.order.count': { // status line of the table, phone only; at most 28 characters; formal address (Sie, vous, Вы); since 2024.6; see I18N-2691 and the glossary
    en: '{count} of {total} (order)',
    ar: '{count} من {total} (الطلب)',
  },
  'reviews.order.failed': { // push notification, phone only; at most 60 characters; imperative, friendly; since 2024.2; see I18N-9465 and the glossary
    en: 'Could not save the order. Try again in {seconds} s.',
    de: 'Bestellung konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    fr: 'Échec de l’enregistrement (commande). Réessayez dans {seconds} s.',
    ar: 'تعذر حفظ الطلب. حاول بعد {seconds} ثانية.',
  },
  'reviews.order.shipped': { // dialog title, phone and desktop; at most 120 characters; imperative, friendly; since 2021.4; see I18N-3461 and the glossary
    en: 'Your order is on its way 🚚',
    de: 'Bestellung ist unterwegs 🚚',
    fr: 'commande : en route 🚚',
    ar: 'الطلب في الطريق 🚚',
  },
  'reviews.card.added': { // status line of the table, phone and desktop; at most 40 characters; formal address (Sie, vous, Вы); since 2020.10; see I18N-3639 and the glossary
    en: 'The card was added.',
    de: 'Karte hinzugefügt.',
  },
  'reviews.card.confirm': { // status line of the table, desktop only, also in the printed summary; at most 120 characters; imperative, friendly; since 2019.12; see I18N-5644 and the glossary
    en: 'Remove this card?',
    de: 'Karte wirklich löschen?',
    ar: 'هل تريد حذف البطاقة؟',
  },
  'reviews.card.empty': { // dialog title, desktop only, also in the printed summary; at most 120 characters; no address at all; since 2020.12; see I18N-6614 and the glossary
    en: 'No card found for “{query}”.',
    ru: 'карта: ничего не найдено по «{query}».',
  },
  'reviews.card.count': { // banner above the form, desktop only, also in the printed summary; at most 90 characters; formal address (Sie, vous, Вы); since 2023.2; see I18N-3906 and the glossary
    en: '{count} of {total} (card)',
  },
  'reviews.card.failed': { // toast at the lower edge, phone and desktop; at most 90 characters; imperative, friendly; since 2020.10; see I18N-9835 and the glossary
    en: 'Could not save the card. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (carte). Réessayez dans {seconds} s.',
    ar: 'تعذر حفظ البطاقة. حاول بعد {seconds} ثانية.',
  },
  'reviews.card.shipped': { // status line of the table, phone only; at most 60 characters; imperative, friendly; since 2025.12; see I18N-2600 and the glossary
    en: 'Your card is on its way 🚚',
  },
  'reviews.message.added': { // banner above the form, desktop only, also in the printed summary; at most 90 characters; no address at all; since 2020.1; see I18N-1116 and the glossary
    en: 'The message was added.',
    ja: 'メッセージを追加しました。',
    ar: 'تمت إضافة الرسالة.',
  },
  'reviews.message.confirm': { // empty state below the illustration, phone only; at most 120 characters; no address at all; since 2023.6; see I18N-5514 and the glossary
    en: 'Remove this message?',
    de: 'Nachricht wirklich löschen?',
    ru: 'Удалить сообщение?',
  },
  'reviews.message.empty': { // banner above the form, phone only; at most 90 characters; imperative, friendly; since 2020.11; see I18N-2951 and the glossary
    en: 'No message found for “{query}”.',
    de: 'Kein Treffer (Nachricht) für „{query}“.',
    ja: '「{query}」に一致するメッセージはありません。',
    ru: 'сообщение: ничего не найдено по «{query}».',
  },
  'reviews.message.count': { // push notification, phone and desktop; at most 28 characters; formal address (Sie, vous, Вы); since 2022.10; see I18N-8133 and the glossary
    en: '{count} of {total} (message)',
    fr: '{count} sur {total} (message)',
    ja: 'メッセージ:{total}件中{count}件',
    ar: '{count} من {total} (الرسالة)',
  },
  'reviews.message.failed': { // dialog title, desktop only, also in the printed summary; at most 90 characters; no address at all; since 2019.4; see I18N-9489 and the glossary
    en: 'Could not save the message. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (message). Réessayez dans {seconds} s.',
    ar: 'تعذر حفظ الرسالة. حاول بعد {seconds} ثانية.',
  },
  'reviews.message.shipped': { // dialog title, phone and desktop; at most 60 characters; no address at all; since 2021.11; see I18N-7474 and the glossary
    en: 'Your message is on its way 🚚',
  },
  'reviews.store.added': { // banner above the form, phone only; at most 120 characters; imperative, friendly; since 2021.6; see I18N-5530 and the glossary
    en: 'The store was added.',
    ar: 'تمت إضافة المتجر.',
    ru: 'магазин: добавлено.',
  },
  'reviews.store.confirm': { // empty state below the illustration, phone and desktop; at most 120 characters; no address at all; since 2023.10; see I18N-5098 and the glossary
    en: 'Remove this store?',
    ar: 'هل تريد حذف المتجر؟',
  },
  'reviews.store.empty': { // status line of the table, desktop only, also in the printed summary; at most 28 characters; no address at all; since 2019.5; see I18N-2106 and the glossary
    en: 'No store found for “{query}”.',
    de: 'Kein Treffer (Filiale) für „{query}“.',
    fr: 'Aucun résultat (magasin) pour « {query} ».',
    ja: '「{query}」に一致する店舗はありません。',
    ar: 'لا يوجد المتجر يطابق «{query}».',
  },
  'reviews.store.count': { // empty state below the illustration, phone and desktop; at most 120 characters; formal address (Sie, vous, Вы); since 2022.6; see I18N-6792 and the glossary
    en: '{count} of {total} (store)',
    de: '{count} von {total} (Filiale)',
    ru: '{count} из {total} (магазин)',
  },
  'reviews.store.failed': { // empty state below the illustration, phone and desktop; at most 40 characters; formal address (Sie, vous, Вы); since 2025.4; see I18N-6833 and the glossary
    en: 'Could not save the store. Try again in {seconds} s.',
    de: 'Filiale konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    ja: '店舗を保存できませんでした。{seconds}秒後に再試行してください。',
  },
  'reviews.store.shipped': { // status line of the table, phone only; at most 120 characters; no address at all; since 2022.10; see I18N-5501 and the glossary
    en: 'Your store is on its way 🚚',
    de: 'Filiale ist unterwegs 🚚',
    fr: 'magasin : en route 🚚',
    ja: '店舗は配送中です 🚚',
    ar: 'المتجر في الطريق 🚚',
  },
  'reviews.voucher.added': { // dialog title, phone only; at most 28 characters; imperative, friendly; since 2023.8; see I18N-6171 and the glossary
    en: 'The voucher was added.',
    fr: 'bon : ajouté.',
    ru: 'купон: добавлено.',
  },
  'reviews.voucher.confirm': { // status line of the table, desktop only, also in the printed summary; at most 60 characters; no address at all; since 2020.8; see I18N-7945 and the glossary
    en: 'Remove this voucher?',
    fr: 'Supprimer bon ?',
    ar: 'هل تريد حذف القسيمة؟',
  },
  'reviews.voucher.empty': { // toast at the lower edge, desktop only, also in the printed summary; at most 60 characters; formal address (Sie, vous, Вы); since 2023.7; see I18N-7240 and the glossary
    en: 'No voucher found for “{query}”.',
    ar: 'لا يوجد القسيمة يطابق «{query}».',
  },
  'reviews.voucher.count': { // push notification, desktop only, also in the printed summary; at most 120 characters; imperative, friendly; since 2021.8; see I18N-5915 and the glossary
    en: '{count} of {total} (voucher)',
    de: '{count} von {total} (Gutschein)',
  },
  'reviews.voucher.failed': { // push notification, phone and desktop; at most 90 characters; imperative, friendly; since 2021.5; see I18N-6914 and the glossary
    en: 'Could not save the voucher. Try again in {seconds} s.',
  },
  'reviews.voucher.shipped': { // empty state below the illustration, desktop only, also in the printed summary; at most 120 characters; formal address (Sie, vous, Вы); since 2023.10; see I18N-9821 and the glossary
    en: 'Your voucher is on its way 🚚',
    fr: 'bon : en route 🚚',
    ja: 'クーポンは配送中です 🚚',
  },
  // wishlist ────────────────────────────────────────────────────
  'wishlist.item.added': { // push notification, phone and desktop; at most 40 characters; imperative, friendly; since 2025.6; see I18N-7911 and the glossary
    en: 'The item was added.',
    fr: 'article : ajouté.',
    ja: '商品を追加しました。',
  },
  'wishlist.item.confirm': { // push notification, phone only; at most 60 characters; no address at all; since 2025.6; see I18N-9535 and the glossary
    en: 'Remove this item?',
  },
  'wishlist.item.empty': { // push notification, phone only; at most 28 characters; formal address (Sie, vous, Вы); since 2020.7; see I18N-2687 and the glossary
    en: 'No item found for “{query}”.',
    de: 'Kein Treffer (Artikel) für „{query}“.',
    ru: 'товар: ничего не найдено по «{query}».',
  },
  'wishlist.item.count': { // toast at the lower edge, desktop only, also in the printed summary; at most 90 characters; no address at all; since 2020.4; see I18N-5655 and the glossary
    en: '{count} of {total} (item)',
    de: '{count} von {total} (Artikel)',
    ja: '商品:{total}件中{count}件',
    ru: '{Count} из {total} (товар)',
  },
  'wishlist.item.failed': { // banner above the form, phone only; at most 40 characters; imperative, friendly; since 2023.3; see I18N-8480 and the glossary
    en: 'Could not save the item. Try again in {seconds} s.',
    de: 'Artikel konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    fr: 'Échec de l’enregistrement (article). Réessayez dans {seconds} s.',
    ar: 'تعذر حفظ المنتج. حاول بعد {seconds} ثانية.',
    ru: 'товар: не удалось сохранить. Повторите через {seconds} с.',
  },
  'wishlist.item.shipped': { // toast at the lower edge, desktop only, also in the printed summary; at most 40 characters; no address at all; since 2021.8; see I18N-9767 and the glossary
    en: 'Your item is on its way 🚚',
    de: 'Artikel ist unterwegs 🚚',
  },
  'wishlist.address.added': { // dialog title, phone and desktop; at most 120 characters; no address at all; since 2020.7; see I18N-8161 and the glossary
    en: 'The address was added.',
    de: 'Adresse hinzugefügt.',
  },
  'wishlist.address.confirm': { // dialog title, desktop only, also in the printed summary; at most 120 characters; imperative, friendly; since 2024.5; see I18N-5664 and the glossary
    en: 'Remove this address?',
    de: 'Adresse wirklich löschen?',
  },
  'wishlist.address.empty': { // status line of the table, desktop only, also in the printed summary; at most 90 characters; no address at all; since 2024.10; see I18N-9060 and the glossary
    en: 'No address found for “{query}”.',
  },
  'wishlist.address.count': { // toast at the lower edge, phone only; at most 60 characters; formal address (Sie, vous, Вы); since 2024.8; see I18N-1134 and the glossary
    en: '{count} of {total} (address)',
    ar: '{count} من {total} (العنوان)',
  },
  'wishlist.address.failed': { // status line of the table, desktop only, also in the printed summary; at most 28 characters; no address at all; since 2019.3; see I18N-1918 and the glossary
    en: 'Could not save the address. Try again in {seconds} s.',
    ar: 'تعذر حفظ العنوان. حاول بعد {seconds} ثانية.',
    ru: 'адрес: не удалось сохранить. Повторите через {seconds} с.',
  },
  'wishlist.address.shipped': { // push notification, phone and desktop; at most 90 characters; no address at all; since 2020.12; see I18N-1549 and the glossary
    en: 'Your address is on its way 🚚',
    de: 'Adresse ist unterwegs 🚚',
    ru: 'адрес в пути 🚚',
  },
  'wishlist.order.added': { // push notification, phone and desktop; at most 120 characters; imperative, friendly; since 2019.5; see I18N-8884 and the glossary
    en: 'The order was added.',
    ja: '注文を追加しました。',
    ar: 'تمت إضافة الطلب.',
  },
  'wishlist.order.confirm': { // empty state below the illustration, desktop only, also in the printed summary; at most 28 characters; no address at all; since 2025.4; see I18N-1146 and the glossary
    en: 'Remove this order?',
    ja: 'この注文を削除しますか?',
  },
  'wishlist.order.empty': { // status line of the table, phone and desktop; at most 120 characters; no address at all; since 2025.11; see I18N-1983 and the glossary
    en: 'No order found for “{query}”.',
    de: 'Kein Treffer (Bestellung) für „{query}“.',
    fr: 'Aucun résultat (commande) pour « {query} ».',
    ar: 'لا يوجد الطلب يطابق «{query}».',
  },
  'wishlist.order.count': { // dialog title, phone and desktop; at most 90 characters; no address at all; since 2024.3; see I18N-5107 and the glossary
    en: '{count} of {total} (order)',
    de: '{count} von {total} (Bestellung)',
    fr: '{count} sur {total} (commande)',
    ja: '注文:{total}件中{count}件',
    ar: '{count} من {total} (الطلب)',
  },
  'wishlist.order.failed': { // toast at the lower edge, desktop only, also in the printed summary; at most 40 characters; no address at all; since 2021.5; see I18N-9873 and the glossary
    en: 'Could not save the order. Try again in {seconds} s.',
    de: 'Bestellung konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    ja: '注文を保存できませんでした。{seconds}秒後に再試行してください。',
    ar: 'تعذر حفظ الطلب. حاول بعد {seconds} ثانية.',
    ru: 'заказ: не удалось сохранить. Повторите через {seconds} с.',
  },
  'wishlist.order.shipped': { // banner above the form, desktop only, also in the printed summary; at most 90 characters; imperative, friendly; since 2020.10; see I18N-5638 and the glossary
    en: 'Your order is on its way 🚚',
    fr: 'commande : en route 🚚',
    ja: '注文は配送中です 🚚',
    ar: 'الطلب في الطريق 🚚',
  },
  'wishlist.card.added': { // banner above the form, desktop only, also in the printed summary; at most 90 characters; imperative, friendly; since 2022.9; see I18N-5193 and the glossary
    en: 'The card was added.',
    fr: 'carte : ajouté.',
  },
  'wishlist.card.confirm': { // toast at the lower edge, phone only; at most 28 characters; no address at all; since 2023.12; see I18N-7814 and the glossary
    en: 'Remove this card?',
    de: 'Karte wirklich löschen?',
    ja: 'このカードを削除しますか?',
    ar: 'هل تريد حذف البطاقة؟',
    ru: 'Удалить карта?',
  },
  'wishlist.card.empty': { // dialog title, desktop only, also in the printed summary; at most 40 characters; imperative, friendly; since 2024.3; see I18N-7802 and the glossary
    en: 'No card found for “{query}”.',
  },
  'wishlist.card.count': { // status line of the table, phone and desktop; at most 40 characters; formal address (Sie, vous, Вы); since 2023.7; see I18N-9268 and the glossary
    en: '{count} of {total} (card)',
    de: '{count} von {total} (Karte)',
    fr: '{count} sur {total} (carte)',
    ja: 'カード:{total}件中{count}件',
    ar: '{count} من {total} (البطاقة)',
    ru: '{count} из {total} (карта)',
  },
  'wishlist.card.failed': { // banner above the form, desktop only, also in the printed summary; at most 60 characters; no address at all; since 2022.8; see I18N-7505 and the glossary
    en: 'Could not save the card. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (carte). Réessayez dans {second} s.',
    ja: 'カードを保存できませんでした。{seconds}秒後に再試行してください。',
    ar: 'تعذر حفظ البطاقة. حاول بعد {seconds} ثانية.',
  },
  'wishlist.card.shipped': { // push notification, phone only; at most 120 characters; imperative, friendly; since 2023.10; see I18N-3534 and the glossary
    en: 'Your card is on its way 🚚',
    fr: 'carte : en route 🚚',
    ru: 'карта в пути 🚚',
  },
  'wishlist.message.added': { // banner above the form, phone and desktop; at most 28 characters; imperative, friendly; since 2021.8; see I18N-3832 and the glossary
    en: 'The message was added.',
    de: 'Nachricht hinzugefügt.',
    ru: 'сообщение: добавлено.',
  },
  'wishlist.message.confirm': { // toast at the lower edge, phone only; at most 60 characters; no address at all; since 2022.2; see I18N-4714 and the glossary
    en: 'Remove this message?',
    fr: 'Supprimer message ?',
    ar: 'هل تريد حذف الرسالة؟',
  },
  'wishlist.message.empty': { // empty state below the illustration, desktop only, also in the printed summary; at most 40 characters; formal address (Sie, vous, Вы); since 2019.11; see I18N-7436 and the glossary
    en: 'No message found for “{query}”.',
    de: 'Kein Treffer (Nachricht) für „{query}“.',
    ru: 'сообщение: ничего не найдено по «{query}».',
  },
  'wishlist.message.count': { // push notification, phone and desktop; at most 120 characters; no address at all; since 2021.2; see I18N-7529 and the glossary
    en: '{count} of {total} (message)',
    fr: '{count} sur {total} (message)',
  },
  'wishlist.message.failed': { // dialog title, desktop only, also in the printed summary; at most 120 characters; imperative, friendly; since 2023.4; see I18N-4970 and the glossary
    en: 'Could not save the message. Try again in {seconds} s.',
    ja: 'メッセージを保存できませんでした。{seconds}秒後に再試行してください。',
    ru: 'сообщение: не удалось сохранить. Повторите через {seconds} с.',
  },
  'wishlist.message.shipped': { // banner above the form, desktop only, also in the printed summary; at most 28 characters; no address at all; since 2020.6; see I18N-8245 and the glossary
    en: 'Your message is on its way 🚚',
    fr: 'message : en route 🚚',
  },
  'wishlist.store.added': { // toast at the lower edge, phone and desktop; at most 28 characters; formal address (Sie, vous, Вы); since 2023.3; see I18N-5713 and the glossary
    en: 'The store was added.',
    de: 'Filiale hinzugefügt.',
    ja: '店舗を追加しました。',
    ru: 'магазин: добавлено.',
  },
  'wishlist.store.confirm': { // push notification, phone and desktop; at most 28 characters; no address at all; since 2023.11; see I18N-9631 and the glossary
    en: 'Remove this store?',
    de: 'Filiale wirklich löschen?',
  },
  'wishlist.store.empty': { // toast at the lower edge, phone and desktop; at most 90 characters; imperative, friendly; since 2021.11; see I18N-6901 and the glossary
    en: 'No store found for “{query}”.',
    fr: 'Aucun résultat (magasin) pour « {qeury} ».',
    ja: '「{query}」に一致する店舗はありません。',
    ru: 'магазин: ничего не найдено по «{query}».',
  },
  'wishlist.store.count': { // dialog title, phone and desktop; at most 120 characters; no address at all; since 2023.12; see I18N-1352 and the glossary
    en: '{count} of {total} (store)',
    de: '{Count} von {total} (Filiale)',
    ar: '{count} من {total} (المتجر)',
    ru: '{count} из {total} (магазин)',
  },
  'wishlist.store.failed': { // empty state below the illustration, phone and desktop; at most 60 characters; no address at all; since 2025.1; see I18N-5590 and the glossary
    en: 'Could not save the store. Try again in {seconds} s.',
    de: 'Filiale konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    ar: 'تعذر حفظ المتجر. حاول بعد {seconds} ثانية.',
    ru: 'магазин: не удалось сохранить. Повторите через {seconds} с.',
  },
  'wishlist.store.shipped': { // status line of the table, phone only; at most 120 characters; no address at all; since 2022.9; see I18N-3158 and the glossary
    en: 'Your store is on its way 🚚',
    de: 'Filiale ist unterwegs 🚚',
    fr: 'magasin : en route 🚚',
    ja: '店舗は配送中です 🚚',
    ru: 'магазин в пути 🚚',
  },
  'wishlist.voucher.added': { // dialog title, phone only; at most 28 characters; imperative, friendly; since 2023.12; see I18N-2939 and the glossary
    en: 'The voucher was added.',
    fr: 'bon : ajouté.',
    ja: 'クーポンを追加しました。',
    ru: 'купон: добавлено.',
  },
  'wishlist.voucher.confirm': { // push notification, phone only; at most 40 characters; formal address (Sie, vous, Вы); since 2019.3; see I18N-4026 and the glossary
    en: 'Remove this voucher?',
    de: 'Gutschein wirklich löschen?',
    ja: 'このクーポンを削除しますか?',
    ar: 'هل تريد حذف القسيمة؟',
    ru: 'Удалить купон?',
  },
  'wishlist.voucher.empty': { // push notification, phone only; at most 40 characters; no address at all; since 2022.8; see I18N-3253 and the glossary
    en: 'No voucher found for “{query}”.',
    fr: 'Aucun résultat (bon) pour « {query} ».',
    ar: 'لا يوجد القسيمة يطابق «{query}».',
  },
  'wishlist.voucher.count': { // dialog title, phone and desktop; at most 40 characters; no address at all; since 2025.10; see I18N-9027 and the glossary
    en: '{count} of {total} (voucher)',
    de: '{count} von {total} (Gutschein)',
    fr: '{count} sur {total} (bon)',
    ar: '{count} من {total} (القسيمة)',
  },
  'wishlist.voucher.failed': { // banner above the form, desktop only, also in the printed summary; at most 28 characters; imperative, friendly; since 2019.8; see I18N-8485 and the glossary
    en: 'Could not save the voucher. Try again in {seconds} s.',
    de: 'Gutschein konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    fr: 'Échec de l’enregistrement (bon). Réessayez dans {seconds} s.',
    ar: 'تعذر حفظ القسيمة. حاول بعد {seconds} ثانية.',
    ru: 'купон: не удалось сохранить. Повторите через {seconds} с.',
  },
  'wishlist.voucher.shipped': { // empty state below the illustration, phone only; at most 40 characters; no address at all; since 2021.10; see I18N-1893 and the glossary
    en: 'Your voucher is on its way 🚚',
    de: 'Gutschein ist unterwegs 🚚',
  },
  // gift ────────────────────────────────────────────────────────
  'gift.item.added': { // banner above the form, desktop only, also in the printed summary; at most 120 characters; formal address (Sie, vous, Вы); since 2022.7; see I18N-6299 and the glossary
    en: 'The item was added.',
    fr: 'article : ajouté.',
  },
  'gift.item.confirm': { // push notification, desktop only, also in the printed summary; at most 40 characters; imperative, friendly; since 2024.2; see I18N-2494 and the glossary
    en: 'Remove this item?',
    de: 'Artikel wirklich löschen?',
    fr: 'Supprimer article ?',
  },
  'gift.item.empty': { // status line of the table, phone and desktop; at most 40 characters; no address at all; since 2023.11; see I18N-3459 and the glossary
    en: 'No item found for “{query}”.',
    fr: 'Aucun résultat (article) pour « {query} ».',
    ar: 'لا يوجد المنتج يطابق «{query}».',
  },
  'gift.item.count': { // dialog title, phone and desktop; at most 28 characters; imperative, friendly; since 2025.5; see I18N-1200 and the glossary
    en: '{count} of {total} (item)',
    fr: '{count} sur {total} (article)',
    ja: '商品:{total}件中{count}件',
  },
  'gift.item.failed': { // toast at the lower edge, desktop only, also in the printed summary; at most 120 characters; formal address (Sie, vous, Вы); since 2020.9; see I18N-5556 and the glossary
    en: 'Could not save the item. Try again in {seconds} s.',
    de: 'Artikel konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    ja: '商品を保存できませんでした。{seconds}秒後に再試行してください。',
  },
  'gift.item.shipped': { // banner above the form, phone only; at most 60 characters; formal address (Sie, vous, Вы); since 2019.2; see I18N-7831 and the glossary
    en: 'Your item is on its way 🚚',
    fr: 'article : en route 🚚',
    ar: 'المنتج في الطريق 🚚',
    ru: 'товар в пути 🚚',
  },
  'gift.address.added': { // empty state below the illustration, phone only; at most 60 characters; no address at all; since 2025.2; see I18N-8001 and the glossary
    en: 'The address was added.',
    de: 'Adresse hinzugefügt.',
    fr: 'adresse : ajouté.',
    ja: '住所を追加しました。',
  },
  'gift.address.confirm': { // push notification, desktop only, also in the printed summary; at most 28 characters; no address at all; since 2024.12; see I18N-5705 and the glossary
    en: 'Remove this address?',
    ru: 'Удалить адрес?',
  },
  'gift.address.empty': { // status line of the table, desktop only, also in the printed summary; at most 90 characters; no address at all; since 2025.3; see I18N-4812 and the glossary
    en: 'No address found for “{query}”.',
    fr: 'Aucun résultat (adresse) pour « {query} ».',
    ja: '「{qeury}」に一致する住所はありません。',
    ar: 'لا يوجد العنوان يطابق «{query}».',
    ru: 'адрес: ничего не найдено по «{query}».',
  },
  'gift.address.count': { // toast at the lower edge, desktop only, also in the printed summary; at most 40 characters; imperative, friendly; since 2021.5; see I18N-2111 and the glossary
    en: '{count} of {total} (address)',
    de: '{count} von {total} (Adresse)',
    ar: '{count} من {total} (العنوان)',
    ru: '{count} из {total} (адрес)',
  },
  'gift.address.failed': { // empty state below the illustration, desktop only, also in the printed summary; at most 90 characters; no address at all; since 2025.1; see I18N-3224 and the glossary
    en: 'Could not save the address. Try again in {seconds} s.',
    de: 'Adresse konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    fr: 'Échec de l’enregistrement (adresse). Réessayez dans {seconds} s.',
  },
  'gift.address.shipped': { // empty state below the illustration, desktop only, also in the printed summary; at most 60 characters; imperative, friendly; since 2023.1; see I18N-4412 and the glossary
    en: 'Your address is on its way 🚚',
    fr: 'adresse : en route 🚚',
    ar: 'العنوان في الطريق 🚚',
    ru: 'адрес в пути 🚚',
  },
  'gift.order.added': { // banner above the form, phone only; at most 40 characters; imperative, friendly; since 2019.5; see I18N-6152 and the glossary
    en: 'The order was added.',
    de: 'Bestellung hinzugefügt.',
    ar: 'تمت إضافة الطلب.',
  },
  'gift.order.confirm': { // empty state below the illustration, phone and desktop; at most 40 characters; formal address (Sie, vous, Вы); since 2022.9; see I18N-1408 and the glossary
    en: 'Remove this order?',
    fr: 'Supprimer commande ?',
  },
  'gift.order.empty': { // empty state below the illustration, phone and desktop; at most 28 characters; imperative, friendly; since 2024.3; see I18N-4361 and the glossary
    en: 'No order found for “{query}”.',
    ar: 'لا يوجد الطلب يطابق «{query}».',
  },
  'gift.order.count': { // banner above the form, phone and desktop; at most 60 characters; no address at all; since 2019.2; see I18N-9529 and the glossary
    en: '{count} of {total} (order)',
    de: '{count} von {total} (Bestellung)',
    ar: '{Count} من {total} (الطلب)',
    ru: '{count} из {total} (заказ)',
  },
  'gift.order.failed': { // empty state below the illustration, phone and desktop; at most 40 characters; no address at all; since 2019.1; see I18N-9422 and the glossary
    en: 'Could not save the order. Try again in {seconds} s.',
    ja: '注文を保存できませんでした。{seconds}秒後に再試行してください。',
    ar: 'تعذر حفظ الطلب. حاول بعد {seconds} ثانية.',
    ru: 'заказ: не удалось сохранить. Повторите через {seconds} с.',
  },
  'gift.order.shipped': { // toast at the lower edge, phone and desktop; at most 28 characters; no address at all; since 2024.1; see I18N-2735 and the glossary
    en: 'Your order is on its way 🚚',
    de: 'Bestellung ist unterwegs 🚚',
    ar: 'الطلب في الطريق 🚚',
    ru: 'заказ в пути 🚚',
  },
  'gift.card.added': { // push notification, desktop only, also in the printed summary; at most 28 characters; no address at all; since 2023.3; see I18N-2522 and the glossary
    en: 'The card was added.',
    de: 'Karte hinzugefügt.',
  },
  'gift.card.confirm': { // dialog title, phone and desktop; at most 40 characters; imperative, friendly; since 2021.6; see I18N-7423 and the glossary
    en: 'Remove this card?',
    ja: 'このカードを削除しますか?',
    ar: 'هل تريد حذف البطاقة؟',
  },
  'gift.card.empty': { // dialog title, phone only; at most 60 characters; imperative, friendly; since 2023.3; see I18N-9322 and the glossary
    en: 'No card found for “{query}”.',
  },
  'gift.card.count': { // empty state below the illustration, desktop only, also in the printed summary; at most 90 characters; no address at all; since 2023.7; see I18N-4908 and the glossary
    en: '{count} of {total} (card)',
    fr: '{count} sur {total} (carte)',
    ja: 'カード:{total}件中{count}件',
    ru: '{count} из {total} (карта)',
  },
  'gift.card.failed': { // dialog title, phone and desktop; at most 28 characters; imperative, friendly; since 2024.10; see I18N-8972 and the glossary
    en: 'Could not save the card. Try again in {seconds} s.',
    de: 'Karte konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    fr: 'Échec de l’enregistrement (carte). Réessayez dans {seconds} s.',
    ar: 'تعذر حفظ البطاقة. حاول بعد {seconds} ثانية.',
    ru: 'карта: не удалось сохранить. Повторите через {seconds} с.',
  },
  'gift.card.shipped': { // toast at the lower edge, phone and desktop; at most 40 characters; formal address (Sie, vous, Вы); since 2023.11; see I18N-1003 and the glossary
    en: 'Your card is on its way 🚚',
    de: 'Karte ist unterwegs 🚚',
    fr: 'carte : en route 🚚',
    ja: 'カードは配送中です 🚚',
    ru: 'карта в пути 🚚',
  },
  'gift.message.added': { // push notification, phone only; at most 28 characters; imperative, friendly; since 2019.10; see I18N-9362 and the glossary
    en: 'The message was added.',
    fr: 'message : ajouté.',
    ja: 'メッセージを追加しました。',
    ar: 'تمت إضافة الرسالة.',
    ru: 'сообщение: добавлено.',
  },
  'gift.message.confirm': { // status line of the table, desktop only, also in the printed summary; at most 60 characters; imperative, friendly; since 2022.7; see I18N-7251 and the glossary
    en: 'Remove this message?',
    fr: 'Supprimer message ?',
    ja: 'このメッセージを削除しますか?',
    ru: 'Удалить сообщение?',
  },
  'gift.message.empty': { // toast at the lower edge, phone and desktop; at most 28 characters; formal address (Sie, vous, Вы); since 2024.8; see I18N-8155 and the glossary
    en: 'No message found for “{query}”.',
    ar: 'لا يوجد الرسالة يطابق «{query}».',
  },
  'gift.message.count': { // status line of the table, desktop only, also in the printed summary; at most 40 characters; no address at all; since 2023.7; see I18N-8373 and the glossary
    en: '{count} of {total} (message)',
    fr: '{count} sur {total} (message)',
    ja: 'メッセージ:{total}件中{count}件',
    ar: '{count} من {total} (الرسالة)',
    ru: '{count} из {total} (сообщение)',
  },
  'gift.message.failed': { // empty state below the illustration, phone and desktop; at most 120 characters; no address at all; since 2024.2; see I18N-3327 and the glossary
    en: 'Could not save the message. Try again in {seconds} s.',
    de: 'Nachricht konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    fr: 'Échec de l’enregistrement (message). Réessayez dans {seconds} s.',
  },
  'gift.message.shipped': { // push notification, desktop only, also in the printed summary; at most 28 characters; imperative, friendly; since 2024.9; see I18N-6119 and the glossary
    en: 'Your message is on its way 🚚',
    ar: 'الرسالة في الطريق 🚚',
  },
  'gift.store.added': { // empty state below the illustration, phone only; at most 60 characters; no address at all; since 2021.3; see I18N-1578 and the glossary
    en: 'The store was added.',
    de: 'Filiale hinzugefügt.',
    ar: 'تمت إضافة المتجر.',
    ru: 'магазин: добавлено.',
  },
  'gift.store.confirm': { // toast at the lower edge, phone only; at most 90 characters; formal address (Sie, vous, Вы); since 2020.9; see I18N-2259 and the glossary
    en: 'Remove this store?',
    de: 'Filiale wirklich löschen?',
    fr: 'Supprimer magasin ?',
    ja: 'この店舗を削除しますか?',
    ru: 'Удалить магазин?',
  },
  'gift.store.empty': { // push notification, phone and desktop; at most 90 characters; formal address (Sie, vous, Вы); since 2025.9; see I18N-1542 and the glossary
    en: 'No store found for “{query}”.',
    de: 'Kein Treffer (Filiale) für „{query}“.',
    ar: 'لا يوجد المتجر يطابق «{query}».',
  },
  'gift.store.count': { // status line of the table, desktop only, also in the printed summary; at most 40 characters; formal address (Sie, vous, Вы); since 2023.12; see I18N-6653 and the glossary
    en: '{count} of {total} (store)',
    ja: '店舗:{total}件中{count}件',
    ar: '{count} من {total} (المتجر)',
  },
  'gift.store.failed': { // dialog title, phone only; at most 90 characters; no address at all; since 2021.3; see I18N-9690 and the glossary
    en: 'Could not save the store. Try again in {seconds} s.',
    ar: 'تعذر حفظ المتجر. حاول بعد {seconds} ثانية.',
    ru: 'магазин: не удалось сохранить. Повторите через {seconds} с.',
  },
  'gift.store.shipped': { // push notification, phone only; at most 90 characters; imperative, friendly; since 2024.5; see I18N-6488 and the glossary
    en: 'Your store is on its way 🚚',
    de: 'Filiale ist unterwegs 🚚',
    fr: 'magasin : en route 🚚',
    ja: '店舗は配送中です 🚚',
    ru: 'магазин в пути 🚚',
  },
  'gift.voucher.added': { // toast at the lower edge, desktop only, also in the printed summary; at most 28 characters; formal address (Sie, vous, Вы); since 2019.7; see I18N-2600 and the glossary
    en: 'The voucher was added.',
    de: 'Gutschein hinzugefügt.',
    ja: 'クーポンを追加しました。',
    ar: 'تمت إضافة القسيمة.',
  },
  'gift.voucher.confirm': { // banner above the form, desktop only, also in the printed summary; at most 28 characters; imperative, friendly; since 2019.2; see I18N-3128 and the glossary
    en: 'Remove this voucher?',
    de: 'Gutschein wirklich löschen?',
    ja: 'このクーポンを削除しますか?',
    ar: 'هل تريد حذف القسيمة؟',
  },
  'gift.voucher.empty': { // empty state below the illustration, phone only; at most 60 characters; no address at all; since 2020.2; see I18N-5543 and the glossary
    en: 'No voucher found for “{query}”.',
    ja: '「{query}」に一致するクーポンはありません。',
  },
  'gift.voucher.count': { // status line of the table, phone and desktop; at most 120 characters; no address at all; since 2020.11; see I18N-9061 and the glossary
    en: '{count} of {total} (voucher)',
    ja: 'クーポン:{total}件中{count}件',
  },
  'gift.voucher.failed': { // toast at the lower edge, phone and desktop; at most 28 characters; imperative, friendly; since 2024.5; see I18N-8305 and the glossary
    en: 'Could not save the voucher. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (bon). Réessayez dans {second} s.',
  },
  'gift.voucher.shipped': { // empty state below the illustration, phone only; at most 120 characters; formal address (Sie, vous, Вы); since 2023.12; see I18N-9039 and the glossary
    en: 'Your voucher is on its way 🚚',
    de: 'Gutschein ist unterwegs 🚚',
  },
  // invoice ─────────────────────────────────────────────────────
  'invoice.item.added': { // push notification, phone only; at most 28 characters; imperative, friendly; since 2023.6; see I18N-6463 and the glossary
    en: 'The item was added.',
    de: 'Artikel hinzugefügt.',
    fr: 'article : ajouté.',
  },
  'invoice.item.confirm': { // empty state below the illustration, desktop only, also in the printed summary; at most 40 characters; formal address (Sie, vous, Вы); since 2023.1; see I18N-7294 and the glossary
    en: 'Remove this item?',
    fr: 'Supprimer article ?',
    ja: 'この商品を削除しますか?',
  },
  'invoice.item.empty': { // toast at the lower edge, phone and desktop; at most 28 characters; imperative, friendly; since 2023.4; see I18N-9015 and the glossary
    en: 'No item found for “{query}”.',
    de: 'Kein Treffer (Artikel) für „{query}“.',
    ja: '「{query}」に一致する商品はありません。',
  },
  'invoice.item.count': { // empty state below the illustration, desktop only, also in the printed summary; at most 28 characters; no address at all; since 2019.4; see I18N-9570 and the glossary
    en: '{count} of {total} (item)',
    de: '{count} von {total} (Artikel)',
    fr: '{count} sur {total} (article)',
    ja: '商品:{total}件中{count}件',
  },
  'invoice.item.failed': { // toast at the lower edge, phone and desktop; at most 40 characters; formal address (Sie, vous, Вы); since 2020.11; see I18N-1818 and the glossary
    en: 'Could not save the item. Try again in {seconds} s.',
    ja: '商品を保存できませんでした。{seconds}秒後に再試行してください。',
    ru: 'товар: не удалось сохранить. Повторите через {seconds} с.',
  },
  'invoice.item.shipped': { // banner above the form, phone and desktop; at most 28 characters; formal address (Sie, vous, Вы); since 2022.6; see I18N-7586 and the glossary
    en: 'Your item is on its way 🚚',
    de: 'Artikel ist unterwegs 🚚',
    ja: '商品は配送中です 🚚',
    ru: 'товар в пути 🚚',
  },
  'invoice.address.added': { // status line of the table, phone and desktop; at most 60 characters; imperative, friendly; since 2020.8; see I18N-4991 and the glossary
    en: 'The address was added.',
    de: 'Adresse hinzugefügt.',
    fr: 'adresse : ajouté.',
  },
  'invoice.address.confirm': { // dialog title, phone and desktop; at most 120 characters; no address at all; since 2022.12; see I18N-8798 and the glossary
    en: 'Remove this address?',
    de: 'Adresse wirklich löschen?',
    fr: 'Supprimer adresse ?',
  },
  'invoice.address.empty': { // status line of the table, desktop only, also in the printed summary; at most 28 characters; imperative, friendly; since 2025.5; see I18N-6699 and the glossary
    en: 'No address found for “{query}”.',
    fr: 'Aucun résultat (adresse) pour « {query} ».',
    ja: '「{query}」に一致する住所はありません。',
  },
  'invoice.address.count': { // status line of the table, desktop only, also in the printed summary; at most 40 characters; no address at all; since 2019.4; see I18N-2846 and the glossary
    en: '{count} of {total} (address)',
    de: '{count} von {total} (Adresse)',
    fr: '{count} sur {total} (adresse)',
    ja: '住所:{total}件中{count}件',
    ar: '{count} من {total} (العنوان)',
  },
  'invoice.address.failed': { // toast at the lower edge, phone and desktop; at most 28 characters; imperative, friendly; since 2020.3; see I18N-1476 and the glossary
    en: 'Could not save the address. Try again in {seconds} s.',
    ar: 'تعذر حفظ العنوان. حاول بعد {seconds} ثانية.',
    ru: 'адрес: не удалось сохранить. Повторите через {seconds} с.',
  },
  'invoice.address.shipped': { // toast at the lower edge, phone only; at most 40 characters; formal address (Sie, vous, Вы); since 2020.12; see I18N-7759 and the glossary
    en: 'Your address is on its way 🚚',
    de: 'Adresse ist unterwegs 🚚',
    ar: 'العنوان في الطريق 🚚',
  },
  'invoice.order.added': { // status line of the table, phone only; at most 40 characters; no address at all; since 2024.4; see I18N-6875 and the glossary
    en: 'The order was added.',
    fr: 'commande : ajouté.',
    ar: 'تمت إضافة الطلب.',
  },
  'invoice.order.confirm': { // empty state below the illustration, phone and desktop; at most 60 characters; imperative, friendly; since 2020.11; see I18N-3784 and the glossary
    en: 'Remove this order?',
    ja: 'この注文を削除しますか?',
  },
  'invoice.order.empty': { // status line of the table, phone only; at most 60 characters; formal address (Sie, vous, Вы); since 2024.7; see I18N-5041 and the glossary
    en: 'No order found for “{query}”.',
    ar: 'لا يوجد الطلب يطابق «{query}».',
  },
  'invoice.order.count': { // status line of the table, phone and desktop; at most 28 characters; no address at all; since 2024.9; see I18N-1550 and the glossary
    en: '{count} of {total} (order)',
    fr: '{count} sur {total} (commande)',
    ja: '注文:{total}件中{count}件',
    ar: '{count} من {total} (الطلب)',
    ru: '{count} из {total} (заказ)',
  },
  'invoice.order.failed': { // toast at the lower edge, phone and desktop; at most 90 characters; imperative, friendly; since 2021.3; see I18N-8524 and the glossary
    en: 'Could not save the order. Try again in {seconds} s.',
    de: 'Bestellung konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
  },
  'invoice.order.shipped': { // empty state below the illustration, desktop only, also in the printed summary; at most 90 characters; imperative, friendly; since 2024.1; see I18N-2158 and the glossary
    en: 'Your order is on its way 🚚',
    ja: '注文は配送中です 🚚',
    ar: 'الطلب في الطريق 🚚',
  },
  'invoice.card.added': { // push notification, phone and desktop; at most 120 characters; no address at all; since 2024.1; see I18N-9433 and the glossary
    en: 'The card was added.',
    de: 'Karte hinzugefügt.',
    fr: 'carte : ajouté.',
    ja: 'カードを追加しました。',
    ar: 'تمت إضافة البطاقة.',
  },
  'invoice.card.confirm': { // dialog title, desktop only, also in the printed summary; at most 28 characters; imperative, friendly; since 2022.12; see I18N-4437 and the glossary
    en: 'Remove this card?',
    de: 'Karte wirklich löschen?',
    ja: 'このカードを削除しますか?',
    ru: 'Удалить карта?',
  },
  'invoice.card.empty': { // status line of the table, desktop only, also in the printed summary; at most 120 characters; imperative, friendly; since 2025.9; see I18N-5788 and the glossary
    en: 'No card found for “{query}”.',
    ru: 'карта: ничего не найдено по «{query}».',
  },
  'invoice.card.count': { // status line of the table, phone and desktop; at most 28 characters; no address at all; since 2020.5; see I18N-2260 and the glossary
    en: '{count} of {total} (card)',
    de: '{count} von {total} (Karte)',
    fr: '{count} sur {total} (carte)',
    ja: 'カード:{total}件中{count}件',
    ar: '{count} من {total} (البطاقة)',
  },
  'invoice.card.failed': { // push notification, phone and desktop; at most 60 characters; formal address (Sie, vous, Вы); since 2019.1; see I18N-4806 and the glossary
    en: 'Could not save the card. Try again in {seconds} s.',
    de: 'Karte konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    fr: 'Échec de l’enregistrement (carte). Réessayez dans {seconds} s.',
  },
  'invoice.card.shipped': { // banner above the form, phone only; at most 90 characters; no address at all; since 2023.3; see I18N-6021 and the glossary
    en: 'Your card is on its way 🚚',
    de: 'Karte ist unterwegs 🚚',
    fr: 'carte : en route 🚚',
    ar: 'البطاقة في الطريق 🚚',
    ru: 'карта в пути 🚚',
  },
  'invoice.message.added': { // push notification, desktop only, also in the printed summary; at most 40 characters; formal address (Sie, vous, Вы); since 2020.2; see I18N-1674 and the glossary
    en: 'The message was added.',
    fr: 'message : ajouté.',
    ja: 'メッセージを追加しました。',
    ru: 'сообщение: добавлено.',
  },
  'invoice.message.confirm': { // banner above the form, phone only; at most 28 characters; formal address (Sie, vous, Вы); since 2022.8; see I18N-3381 and the glossary
    en: 'Remove this message?',
    de: 'Nachricht wirklich löschen?',
    fr: 'Supprimer message ?',
    ru: 'Удалить сообщение?',
  },
  'invoice.message.empty': { // banner above the form, desktop only, also in the printed summary; at most 40 characters; imperative, friendly; since 2024.8; see I18N-6549 and the glossary
    en: 'No message found for “{query}”.',
    de: 'Kein Treffer (Nachricht) für „{query}“.',
    ja: '「{query}」に一致するメッセージはありません。',
    ar: 'لا يوجد الرسالة يطابق «{query}».',
    ru: 'сообщение: ничего не найдено по «{query}».',
  },
  'invoice.message.count': { // dialog title, phone only; at most 40 characters; formal address (Sie, vous, Вы); since 2019.9; see I18N-8298 and the glossary
    en: '{count} of {total} (message)',
    ar: '{count} من {total} (الرسالة)',
    ru: '{count} из {total} (сообщение)',
  },
  'invoice.message.failed': { // status line of the table, phone and desktop; at most 90 characters; no address at all; since 2022.6; see I18N-1199 and the glossary
    en: 'Could not save the message. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (message). Réessayez dans {seconds} s.',
    ru: 'сообщение: не удалось сохранить. Повторите через {seconds} с.',
  },
  'invoice.message.shipped': { // empty state below the illustration, phone and desktop; at most 90 characters; imperative, friendly; since 2022.3; see I18N-2410 and the glossary
    en: 'Your message is on its way 🚚',
    fr: 'message : en route 🚚',
    ar: 'الرسالة في الطريق 🚚',
    ru: 'сообщение в пути 🚚',
  },
  'invoice.store.added': { // dialog title, desktop only, also in the printed summary; at most 90 characters; imperative, friendly; since 2023.3; see I18N-4264 and the glossary
    en: 'The store was added.',
    de: 'Filiale hinzugefügt.',
    ar: 'تمت إضافة المتجر.',
  },
  'invoice.store.confirm': { // toast at the lower edge, phone and desktop; at most 40 characters; no address at all; since 2021.11; see I18N-8742 and the glossary
    en: 'Remove this store?',
    de: 'Filiale wirklich löschen?',
    fr: 'Supprimer magasin ?',
    ar: 'هل تريد حذف المتجر؟',
  },
  'invoice.store.empty': { // empty state below the illustration, desktop only, also in the printed summary; at most 90 characters; imperative, friendly; since 2022.5; see I18N-8799 and the glossary
    en: 'No store found for “{query}”.',
    fr: 'Aucun résultat (magasin) pour « {query} ».',
    ar: 'لا يوجد المتجر يطابق «{query}».',
    ru: 'магазин: ничего не найдено по «{query}».',
  },
  'invoice.store.count': { // toast at the lower edge, phone only; at most 60 characters; no address at all; since 2024.6; see I18N-1798 and the glossary
    en: '{count} of {total} (store)',
    de: '{count} von {total} (Filiale)',
    ar: '{count} من {total} (المتجر)',
  },
  'invoice.store.failed': { // empty state below the illustration, desktop only, also in the printed summary; at most 60 characters; no address at all; since 2024.12; see I18N-6939 and the glossary
    en: 'Could not save the store. Try again in {seconds} s.',
    de: 'Filiale konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    ar: 'تعذر حفظ المتجر. حاول بعد {seconds} ثانية.',
    ru: 'магазин: не удалось сохранить. Повторите через {seconds} с.',
  },
  'invoice.store.shipped': { // dialog title, phone and desktop; at most 120 characters; imperative, friendly; since 2024.9; see I18N-9717 and the glossary
    en: 'Your store is on its way 🚚',
    ja: '店舗は配送中です 🚚',
  },
  'invoice.voucher.added': { // toast at the lower edge, phone only; at most 60 characters; no address at all; since 2024.6; see I18N-3277 and the glossary
    en: 'The voucher was added.',
    de: 'Gutschein hinzugefügt.',
    ja: 'クーポンを追加しました。',
  },
  'invoice.voucher.confirm': { // push notification, phone and desktop; at most 40 characters; no address at all; since 2020.4; see I18N-3133 and the glossary
    en: 'Remove this voucher?',
    fr: 'Supprimer bon ?',
    ar: 'هل تريد حذف القسيمة؟',
  },
  'invoice.voucher.empty': { // push notification, desktop only, also in the printed summary; at most 120 characters; formal address (Sie, vous, Вы); since 2022.2; see I18N-5145 and the glossary
    en: 'No voucher found for “{query}”.',
  },
  'invoice.voucher.count': { // banner above the form, phone and desktop; at most 120 characters; formal address (Sie, vous, Вы); since 2020.11; see I18N-6759 and the glossary
    en: '{count} of {total} (voucher)',
  },
  'invoice.voucher.failed': { // empty state below the illustration, phone and desktop; at most 120 characters; imperative, friendly; since 2023.4; see I18N-9272 and the glossary
    en: 'Could not save the voucher. Try again in {seconds} s.',
    ja: 'クーポンを保存できませんでした。{seconds}秒後に再試行してください。',
    ru: 'купон: не удалось сохранить. Повторите через {seconds} с.',
  },
  'invoice.voucher.shipped': { // push notification, phone and desktop; at most 40 characters; imperative, friendly; since 2025.12; see I18N-8777 and the glossary
    en: 'Your voucher is on its way 🚚',
    ar: 'القسيمة في الطريق 🚚',
    ru: 'купон в пути 🚚',
  },
  // delivery ────────────────────────────────────────────────────
  'delivery.item.added': { // toast at the lower edge, phone only; at most 28 characters; no address at all; since 2019.9; see I18N-3226 and the glossary
    en: 'The item was added.',
  },
  'delivery.item.confirm': { // status line of the table, phone and desktop; at most 90 characters; no address at all; since 2022.10; see I18N-6111 and the glossary
    en: 'Remove this item?',
    ar: 'هل تريد حذف المنتج؟',
  },
  'delivery.item.empty': { // status line of the table, desktop only, also in the printed summary; at most 60 characters; formal address (Sie, vous, Вы); since 2019.11; see I18N-9055 and the glossary
    en: 'No item found for “{query}”.',
    ja: '「{query}」に一致する商品はありません。',
    ru: 'товар: ничего не найдено по «{query}».',
  },
  'delivery.item.count': { // dialog title, phone and desktop; at most 60 characters; formal address (Sie, vous, Вы); since 2021.4; see I18N-7623 and the glossary
    en: '{count} of {total} (item)',
    ja: '商品:{total}件中{count}件',
    ar: '{count} من {total} (المنتج)',
    ru: '{count} из {total} (товар)',
  },
  'delivery.item.failed': { // banner above the form, phone only; at most 90 characters; imperative, friendly; since 2021.3; see I18N-8448 and the glossary
    en: 'Could not save the item. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (article). Réessayez dans {seconds} s.',
    ja: '商品を保存できませんでした。{seconds}秒後に再試行してください。',
  },
  'delivery.item.shipped': { // dialog title, phone only; at most 120 characters; imperative, friendly; since 2021.3; see I18N-5960 and the glossary
    en: 'Your item is on its way 🚚',
    ru: 'товар в пути 🚚',
  },
  'delivery.address.added': { // push notification, phone only; at most 90 characters; imperative, friendly; since 2021.9; see I18N-6629 and the glossary
    en: 'The address was added.',
    fr: 'adresse : ajouté.',
    ja: '住所を追加しました。',
    ar: 'تمت إضافة العنوان.',
  },
  'delivery.address.confirm': { // dialog title, desktop only, also in the printed summary; at most 60 characters; imperative, friendly; since 2020.8; see I18N-8056 and the glossary
    en: 'Remove this address?',
    ja: 'この住所を削除しますか?',
  },
  'delivery.address.empty': { // banner above the form, phone only; at most 90 characters; imperative, friendly; since 2025.3; see I18N-9301 and the glossary
    en: 'No address found for “{query}”.',
    ja: '「{query}」に一致する住所はありません。',
    ar: 'لا يوجد العنوان يطابق «{query}».',
    ru: 'адрес: ничего не найдено по «{query}».',
  },
  'delivery.address.count': { // push notification, desktop only, also in the printed summary; at most 28 characters; imperative, friendly; since 2021.7; see I18N-2594 and the glossary
    en: '{count} of {total} (address)',
    ja: '住所:{total}件中{count}件',
  },
  'delivery.address.failed': { // toast at the lower edge, desktop only, also in the printed summary; at most 28 characters; no address at all; since 2019.6; see I18N-3781 and the glossary
    en: 'Could not save the address. Try again in {seconds} s.',
  },
  'delivery.address.shipped': { // status line of the table, phone only; at most 28 characters; imperative, friendly; since 2022.10; see I18N-1364 and the glossary
    en: 'Your address is on its way 🚚',
    ar: 'العنوان في الطريق 🚚',
    ru: 'адрес в пути 🚚',
  },
  'delivery.order.added': { // push notification, phone only; at most 40 characters; imperative, friendly; since 2021.6; see I18N-8143 and the glossary
    en: 'The order was added.',
    de: 'Bestellung hinzugefügt.',
    ja: '注文を追加しました。',
  },
  'delivery.order.confirm': { // dialog title, desktop only, also in the printed summary; at most 28 characters; imperative, friendly; since 2025.10; see I18N-2552 and the glossary
    en: 'Remove this order?',
    de: 'Bestellung wirklich löschen?',
    ru: 'Удалить заказ?',
  },
  'delivery.order.empty': { // empty state below the illustration, phone only; at most 120 characters; no address at all; since 2020.7; see I18N-7591 and the glossary
    en: 'No order found for “{query}”.',
    ar: 'لا يوجد الطلب يطابق «{query}».',
  },
  'delivery.order.count': { // dialog title, desktop only, also in the printed summary; at most 90 characters; formal address (Sie, vous, Вы); since 2024.12; see I18N-8656 and the glossary
    en: '{count} of {total} (order)',
    de: '{count} von {total} (Bestellung)',
    fr: '{count} sur {total} (commande)',
    ja: '注文:{total}件中{count}件',
    ar: '{count} من {total} (الطلب)',
  },
  'delivery.order.failed': { // status line of the table, phone only; at most 60 characters; formal address (Sie, vous, Вы); since 2024.4; see I18N-7757 and the glossary
    en: 'Could not save the order. Try again in {seconds} s.',
    ar: 'تعذر حفظ الطلب. حاول بعد {seconds} ثانية.',
    ru: 'заказ: не удалось сохранить. Повторите через {seconds} с.',
  },
  'delivery.order.shipped': { // empty state below the illustration, phone only; at most 90 characters; imperative, friendly; since 2022.7; see I18N-1606 and the glossary
    en: 'Your order is on its way 🚚',
    ru: 'заказ в пути 🚚',
  },
  'delivery.card.added': { // toast at the lower edge, desktop only, also in the printed summary; at most 90 characters; formal address (Sie, vous, Вы); since 2019.2; see I18N-6143 and the glossary
    en: 'The card was added.',
    fr: 'carte : ajouté.',
    ar: 'تمت إضافة البطاقة.',
    ru: 'карта: добавлено.',
  },
  'delivery.card.confirm': { // push notification, desktop only, also in the printed summary; at most 28 characters; imperative, friendly; since 2024.10; see I18N-9605 and the glossary
    en: 'Remove this card?',
    fr: 'Supprimer carte ?',
    ja: 'このカードを削除しますか?',
  },
  'delivery.card.empty': { // dialog title, phone only; at most 40 characters; formal address (Sie, vous, Вы); since 2019.3; see I18N-4507 and the glossary
    en: 'No card found for “{query}”.',
    de: 'Kein Treffer (Karte) für „{query}“.',
    ja: '「{query}」に一致するカードはありません。',
    ru: 'карта: ничего не найдено по «{query}».',
  },
  'delivery.card.count': { // dialog title, phone only; at most 90 characters; imperative, friendly; since 2021.5; see I18N-1345 and the glossary
    en: '{count} of {total} (card)',
    de: '{count} von {total} (Karte)',
    ar: '{Count} من {total} (البطاقة)',
    ru: '{count} из {total} (карта)',
  },
  'delivery.card.failed': { // push notification, phone only; at most 28 characters; imperative, friendly; since 2025.4; see I18N-8248 and the glossary
    en: 'Could not save the card. Try again in {seconds} s.',
    de: 'Karte konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    fr: 'Échec de l’enregistrement (carte). Réessayez dans {seconds} s.',
    ru: 'карта: не удалось сохранить. Повторите через {seconds} с.',
  },
  'delivery.card.shipped': { // push notification, phone only; at most 90 characters; formal address (Sie, vous, Вы); since 2021.2; see I18N-9055 and the glossary
    en: 'Your card is on its way 🚚',
    de: 'Karte ist unterwegs 🚚',
    ar: 'البطاقة في الطريق 🚚',
    ru: 'карта в пути 🚚',
  },
  'delivery.message.added': { // banner above the form, desktop only, also in the printed summary; at most 60 characters; no address at all; since 2024.1; see I18N-1853 and the glossary
    en: 'The message was added.',
    de: 'Nachricht hinzugefügt.',
    fr: 'message : ajouté.',
    ru: 'сообщение: добавлено.',
  },
  'delivery.message.confirm': { // push notification, phone and desktop; at most 120 characters; imperative, friendly; since 2022.6; see I18N-8397 and the glossary
    en: 'Remove this message?',
    fr: 'Supprimer message ?',
    ru: 'Удалить сообщение?',
  },
  'delivery.message.empty': { // status line of the table, desktop only, also in the printed summary; at most 40 characters; formal address (Sie, vous, Вы); since 2019.9; see I18N-4747 and the glossary
    en: 'No message found for “{query}”.',
    de: 'Kein Treffer (Nachricht) für „{query}“.',
    fr: 'Aucun résultat (message) pour « {query} ».',
  },
  'delivery.message.count': { // empty state below the illustration, phone and desktop; at most 120 characters; formal address (Sie, vous, Вы); since 2019.12; see I18N-9615 and the glossary
    en: '{count} of {total} (message)',
  },
  'delivery.message.failed': { // push notification, phone and desktop; at most 40 characters; no address at all; since 2021.12; see I18N-9096 and the glossary
    en: 'Could not save the message. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (message). Réessayez dans {seconds} s.',
    ar: 'تعذر حفظ الرسالة. حاول بعد {seconds} ثانية.',
  },
  'delivery.message.shipped': { // toast at the lower edge, phone only; at most 60 characters; formal address (Sie, vous, Вы); since 2023.8; see I18N-5068 and the glossary
    en: 'Your message is on its way 🚚',
    de: 'Nachricht ist unterwegs 🚚',
    fr: 'message : en route 🚚',
    ru: 'сообщение в пути 🚚',
  },
  'delivery.store.added': { // empty state below the illustration, phone and desktop; at most 28 characters; imperative, friendly; since 2019.1; see I18N-6453 and the glossary
    en: 'The store was added.',
    de: 'Filiale hinzugefügt.',
    fr: 'magasin : ajouté.',
    ja: '店舗を追加しました。',
    ar: 'تمت إضافة المتجر.',
    ru: 'магазин: добавлено.',
  },
  'delivery.store.confirm': { // toast at the lower edge, desktop only, also in the printed summary; at most 40 characters; no address at all; since 2020.9; see I18N-9074 and the glossary
    en: 'Remove this store?',
    fr: 'Supprimer magasin ?',
    ja: 'この店舗を削除しますか?',
    ru: 'Удалить магазин?',
  },
  'delivery.store.empty': { // push notification, phone only; at most 90 characters; no address at all; since 2021.10; see I18N-5321 and the glossary
    en: 'No store found for “{query}”.',
    ar: 'لا يوجد المتجر يطابق «{query}».',
    ru: 'магазин: ничего не найдено по «{query}».',
  },
  'delivery.store.count': { // status line of the table, phone and desktop; at most 40 characters; formal address (Sie, vous, Вы); since 2019.4; see I18N-4000 and the glossary
    en: '{count} of {total} (store)',
    fr: '{Count} sur {total} (magasin)',
    ja: '店舗:{total}件中{count}件',
    ar: '{count} من {total} (المتجر)',
    ru: '{count} из {total} (магазин)',
  },
  'delivery.store.failed': { // toast at the lower edge, phone only; at most 28 characters; formal address (Sie, vous, Вы); since 2025.5; see I18N-3959 and the glossary
    en: 'Could not save the store. Try again in {seconds} s.',
    de: 'Filiale konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    ar: 'تعذر حفظ المتجر. حاول بعد {seconds} ثانية.',
    ru: 'магазин: не удалось сохранить. Повторите через {seconds} с.',
  },
  'delivery.store.shipped': { // dialog title, phone only; at most 28 characters; no address at all; since 2019.5; see I18N-2998 and the glossary
    en: 'Your store is on its way 🚚',
    de: 'Filiale ist unterwegs 🚚',
    ja: '店舗は配送中です 🚚',
    ru: 'магазин в пути 🚚',
  },
  'delivery.voucher.added': { // toast at the lower edge, phone only; at most 28 characters; imperative, friendly; since 2023.8; see I18N-6323 and the glossary
    en: 'The voucher was added.',
    de: 'Gutschein hinzugefügt.',
    fr: 'bon : ajouté.',
    ar: 'تمت إضافة القسيمة.',
    ru: 'купон: добавлено.',
  },
  'delivery.voucher.confirm': { // empty state below the illustration, phone and desktop; at most 40 characters; no address at all; since 2019.1; see I18N-4411 and the glossary
    en: 'Remove this voucher?',
    de: 'Gutschein wirklich löschen?',
    fr: 'Supprimer bon ?',
    ja: 'このクーポンを削除しますか?',
    ar: 'هل تريد حذف القسيمة؟',
  },
  'delivery.voucher.empty': { // empty state below the illustration, desktop only, also in the printed summary; at most 40 characters; no address at all; since 2022.7; see I18N-8805 and the glossary
    en: 'No voucher found for “{query}”.',
    de: 'Kein Treffer (Gutschein) für „{query}“.',
    ja: '「{query}」に一致するクーポンはありません。',
    ru: 'купон: ничего не найдено по «{query}».',
  },
  'delivery.voucher.count': { // push notification, desktop only, also in the printed summary; at most 40 characters; no address at all; since 2023.11; see I18N-9596 and the glossary
    en: '{count} of {total} (voucher)',
    de: '{count} von {total} (Gutschein)',
    ar: '{count} من {total} (القسيمة)',
    ru: '{count} из {total} (купон)',
  },
  'delivery.voucher.failed': { // banner above the form, phone and desktop; at most 28 characters; imperative, friendly; since 2019.9; see I18N-7961 and the glossary
    en: 'Could not save the voucher. Try again in {seconds} s.',
    de: 'Gutschein konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    ru: 'купон: не удалось сохранить. Повторите через {seconds} с.',
  },
  'delivery.voucher.shipped': { // status line of the table, phone and desktop; at most 40 characters; no address at all; since 2019.2; see I18N-7819 and the glossary
    en: 'Your voucher is on its way 🚚',
    fr: 'bon : en route 🚚',
    ja: 'クーポンは配送中です 🚚',
    ru: 'купон в пути 🚚',
  },
  // coupon ──────────────────────────────────────────────────────
  'coupon.item.added': { // push notification, desktop only, also in the printed summary; at most 60 characters; imperative, friendly; since 2019.7; see I18N-9755 and the glossary
    en: 'The item was added.',
    fr: 'article : ajouté.',
    ja: '商品を追加しました。',
  },
  'coupon.item.confirm': { // empty state below the illustration, desktop only, also in the printed summary; at most 120 characters; no address at all; since 2024.11; see I18N-7471 and the glossary
    en: 'Remove this item?',
    ja: 'この商品を削除しますか?',
    ar: 'هل تريد حذف المنتج؟',
    ru: 'Удалить товар?',
  },
  'coupon.item.empty': { // push notification, desktop only, also in the printed summary; at most 40 characters; formal address (Sie, vous, Вы); since 2021.8; see I18N-3427 and the glossary
    en: 'No item found for “{query}”.',
  },
  'coupon.item.count': { // status line of the table, phone only; at most 28 characters; no address at all; since 2023.4; see I18N-4298 and the glossary
    en: '{count} of {total} (item)',
    ru: '{count} из {total} (товар)',
  },
  'coupon.item.failed': { // status line of the table, phone only; at most 120 characters; imperative, friendly; since 2024.9; see I18N-5764 and the glossary
    en: 'Could not save the item. Try again in {seconds} s.',
    ar: 'تعذر حفظ المنتج. حاول بعد {second} ثانية.',
  },
  'coupon.item.shipped': { // dialog title, desktop only, also in the printed summary; at most 28 characters; imperative, friendly; since 2019.7; see I18N-6174 and the glossary
    en: 'Your item is on its way 🚚',
    fr: 'article : en route 🚚',
    ja: '商品は配送中です 🚚',
    ar: 'المنتج في الطريق 🚚',
    ru: 'товар в пути 🚚',
  },
  'coupon.address.added': { // banner above the form, phone and desktop; at most 120 characters; imperative, friendly; since 2021.10; see I18N-8675 and the glossary
    en: 'The address was added.',
    ja: '住所を追加しました。',
  },
  'coupon.address.confirm': { // status line of the table, phone and desktop; at most 120 characters; formal address (Sie, vous, Вы); since 2021.12; see I18N-2412 and the glossary
    en: 'Remove this address?',
    de: 'Adresse wirklich löschen?',
    fr: 'Supprimer adresse ?',
    ja: 'この住所を削除しますか?',
    ar: 'هل تريد حذف العنوان؟',
    ru: 'Удалить адрес?',
  },
  'coupon.address.empty': { // banner above the form, phone and desktop; at most 28 characters; no address at all; since 2022.2; see I18N-4714 and the glossary
    en: 'No address found for “{query}”.',
    fr: 'Aucun résultat (adresse) pour « {query} ».',
    ru: 'адрес: ничего не найдено по «{query}».',
  },
  'coupon.address.count': { // push notification, desktop only, also in the printed summary; at most 120 characters; imperative, friendly; since 2019.12; see I18N-1826 and the glossary
    en: '{count} of {total} (address)',
    ja: '住所:{total}件中{count}件',
  },
  'coupon.address.failed': { // toast at the lower edge, desktop only, also in the printed summary; at most 28 characters; imperative, friendly; since 2019.3; see I18N-2934 and the glossary
    en: 'Could not save the address. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (adresse). Réessayez dans {seconds} s.',
    ru: 'адрес: не удалось сохранить. Повторите через {seconds} с.',
  },
  'coupon.address.shipped': { // empty state below the illustration, phone and desktop; at most 28 characters; formal address (Sie, vous, Вы); since 2022.7; see I18N-1107 and the glossary
    en: 'Your address is on its way 🚚',
    ja: '住所は配送中です 🚚',
    ru: 'адрес в пути 🚚',
  },
  'coupon.order.added': { // dialog title, desktop only, also in the printed summary; at most 90 characters; formal address (Sie, vous, Вы); since 2020.7; see I18N-7773 and the glossary
    en: 'The order was added.',
    ja: '注文を追加しました。',
    ru: 'заказ: добавлено.',
  },
  'coupon.order.confirm': { // banner above the form, phone and desktop; at most 28 characters; no address at all; since 2021.7; see I18N-3692 and the glossary
    en: 'Remove this order?',
    de: 'Bestellung wirklich löschen?',
    fr: 'Supprimer commande ?',
    ar: 'هل تريد حذف الطلب؟',
    ru: 'Удалить заказ?',
  },
  'coupon.order.empty': { // push notification, desktop only, also in the printed summary; at most 60 characters; imperative, friendly; since 2024.6; see I18N-6638 and the glossary
    en: 'No order found for “{query}”.',
    de: 'Kein Treffer (Bestellung) für „{query}“.',
    fr: 'Aucun résultat (commande) pour « {query} ».',
    ja: '「{query}」に一致する注文はありません。',
    ru: 'заказ: ничего не найдено по «{query}».',
  },
  'coupon.order.count': { // status line of the table, phone and desktop; at most 60 characters; formal address (Sie, vous, Вы); since 2019.9; see I18N-6480 and the glossary
    en: '{count} of {total} (order)',
    de: '{count} von {total} (Bestellung)',
    fr: '{count} sur {total} (commande)',
    ja: '注文:{total}件中{count}件',
    ar: '{count} من {total} (الطلب)',
    ru: '{count} из {total} (заказ)',
  },
  'coupon.order.failed': { // empty state below the illustration, desktop only, also in the printed summary; at most 90 characters; imperative, friendly; since 2019.12; see I18N-1982 and the glossary
    en: 'Could not save the order. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (commande). Réessayez dans {seconds} s.',
    ja: '注文を保存できませんでした。{seconds}秒後に再試行してください。',
    ru: 'заказ: не удалось сохранить. Повторите через {seconds} с.',
  },
  'coupon.order.shipped': { // push notification, desktop only, also in the printed summary; at most 120 characters; imperative, friendly; since 2024.11; see I18N-9737 and the glossary
    en: 'Your order is on its way 🚚',
    fr: 'commande : en route 🚚',
  },
  'coupon.card.added': { // status line of the table, desktop only, also in the printed summary; at most 40 characters; formal address (Sie, vous, Вы); since 2021.9; see I18N-4154 and the glossary
    en: 'The card was added.',
    fr: 'carte : ajouté.',
    ja: 'カードを追加しました。',
    ar: 'تمت إضافة البطاقة.',
  },
  'coupon.card.confirm': { // banner above the form, phone only; at most 120 characters; imperative, friendly; since 2023.7; see I18N-5320 and the glossary
    en: 'Remove this card?',
    fr: 'Supprimer carte ?',
  },
  'coupon.card.empty': { // dialog title, phone and desktop; at most 120 characters; formal address (Sie, vous, Вы); since 2022.12; see I18N-8499 and the glossary
    en: 'No card found for “{query}”.',
    de: 'Kein Treffer (Karte) für „{query}“.',
    fr: 'Aucun résultat (carte) pour « {query} ».',
    ja: '「{query}」に一致するカードはありません。',
    ar: 'لا يوجد البطاقة يطابق «{query}».',
  },
  'coupon.card.count': { // banner above the form, phone only; at most 28 characters; imperative, friendly; since 2020.2; see I18N-7086 and the glossary
    en: '{count} of {total} (card)',
    fr: '{count} sur {total} (carte)',
    ja: 'カード:{total}件中{count}件',
  },
  'coupon.card.failed': { // empty state below the illustration, phone and desktop; at most 40 characters; imperative, friendly; since 2022.1; see I18N-3004 and the glossary
    en: 'Could not save the card. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (carte). Réessayez dans {seconds} s.',
    ar: 'تعذر حفظ البطاقة. حاول بعد {seconds} ثانية.',
  },
  'coupon.card.shipped': { // banner above the form, phone and desktop; at most 40 characters; imperative, friendly; since 2024.8; see I18N-8371 and the glossary
    en: 'Your card is on its way 🚚',
    ru: 'карта в пути 🚚',
  },
  'coupon.message.added': { // status line of the table, phone only; at most 120 characters; formal address (Sie, vous, Вы); since 2024.8; see I18N-5544 and the glossary
    en: 'The message was added.',
    de: 'Nachricht hinzugefügt.',
    ja: 'メッセージを追加しました。',
    ar: 'تمت إضافة الرسالة.',
  },
  'coupon.message.confirm': { // banner above the form, phone and desktop; at most 120 characters; imperative, friendly; since 2020.8; see I18N-9235 and the glossary
    en: 'Remove this message?',
    de: 'Nachricht wirklich löschen?',
    ja: 'このメッセージを削除しますか?',
    ru: 'Удалить сообщение?',
  },
  'coupon.message.empty': { // banner above the form, phone only; at most 90 characters; imperative, friendly; since 2019.8; see I18N-1381 and the glossary
    en: 'No message found for “{query}”.',
    fr: 'Aucun résultat (message) pour « {query} ».',
    ja: '「{query}」に一致するメッセージはありません。',
    ru: 'сообщение: ничего не найдено по «{query}».',
  },
  'coupon.message.count': { // dialog title, phone only; at most 90 characters; imperative, friendly; since 2020.1; see I18N-6329 and the glossary
    en: '{count} of {total} (message)',
    de: '{count} von {total} (Nachricht)',
    fr: '{count} sur {total} (message)',
    ru: '{count} из {total} (сообщение)',
  },
  'coupon.message.failed': { // banner above the form, desktop only, also in the printed summary; at most 40 characters; no address at all; since 2023.9; see I18N-7308 and the glossary
    en: 'Could not save the message. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (message). Réessayez dans {seconds} s.',
    ja: 'メッセージを保存できませんでした。{seconds}秒後に再試行してください。',
  },
  'coupon.message.shipped': { // banner above the form, desktop only, also in the printed summary; at most 28 characters; formal address (Sie, vous, Вы); since 2025.9; see I18N-3057 and the glossary
    en: 'Your message is on its way 🚚',
    ja: 'メッセージは配送中です 🚚',
    ar: 'الرسالة في الطريق 🚚',
  },
  'coupon.store.added': { // banner above the form, phone only; at most 120 characters; no address at all; since 2019.1; see I18N-8612 and the glossary
    en: 'The store was added.',
    fr: 'magasin : ajouté.',
    ar: 'تمت إضافة المتجر.',
    ru: 'магазин: добавлено.',
  },
  'coupon.store.confirm': { // dialog title, desktop only, also in the printed summary; at most 120 characters; no address at all; since 2019.3; see I18N-9750 and the glossary
    en: 'Remove this store?',
    ja: 'この店舗を削除しますか?',
    ar: 'هل تريد حذف المتجر؟',
    ru: 'Удалить магазин?',
  },
  'coupon.store.empty': { // push notification, phone only; at most 60 characters; imperative, friendly; since 2022.5; see I18N-5029 and the glossary
    en: 'No store found for “{query}”.',
    ja: '「{query}」に一致する店舗はありません。',
    ar: 'لا يوجد المتجر يطابق «{query}».',
  },
  'coupon.store.count': { // toast at the lower edge, phone and desktop; at most 40 characters; no address at all; since 2023.12; see I18N-9011 and the glossary
    en: '{count} of {total} (store)',
    fr: '{count} sur {total} (magasin)',
    ar: '{count} من {total} (المتجر)',
    ru: '{count} из {total} (магазин)',
  },
  'coupon.store.failed': { // banner above the form, phone only; at most 90 characters; formal address (Sie, vous, Вы); since 2025.12; see I18N-1138 and the glossary
    en: 'Could not save the store. Try again in {seconds} s.',
    de: 'Filiale konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    fr: 'Échec de l’enregistrement (magasin). Réessayez dans {seconds} s.',
    ja: '店舗を保存できませんでした。{seconds}秒後に再試行してください。',
    ru: 'магазин: не удалось сохранить. Повторите через {seconds} с.',
  },
  'coupon.store.shipped': { // status line of the table, phone only; at most 28 characters; no address at all; since 2022.12; see I18N-4425 and the glossary
    en: 'Your store is on its way 🚚',
    fr: 'magasin : en route 🚚',
    ja: '店舗は配送中です 🚚',
    ar: 'المتجر في الطريق 🚚',
  },
  'coupon.voucher.added': { // dialog title, phone and desktop; at most 120 characters; formal address (Sie, vous, Вы); since 2024.2; see I18N-3087 and the glossary
    en: 'The voucher was added.',
    ja: 'クーポンを追加しました。',
    ar: 'تمت إضافة القسيمة.',
    ru: 'купон: добавлено.',
  },
  'coupon.voucher.confirm': { // banner above the form, phone only; at most 28 characters; no address at all; since 2024.11; see I18N-1849 and the glossary
    en: 'Remove this voucher?',
    de: 'Gutschein wirklich löschen?',
    fr: 'Supprimer bon ?',
    ja: 'このクーポンを削除しますか?',
    ar: 'هل تريد حذف القسيمة؟',
  },
  'coupon.voucher.empty': { // empty state below the illustration, phone and desktop; at most 90 characters; formal address (Sie, vous, Вы); since 2021.2; see I18N-1415 and the glossary
    en: 'No voucher found for “{query}”.',
    fr: 'Aucun résultat (bon) pour « {query} ».',
    ar: 'لا يوجد القسيمة يطابق «{query}».',
    ru: 'купон: ничего не найдено по «{query}».',
  },
  'coupon.voucher.count': { // toast at the lower edge, desktop only, also in the printed summary; at most 60 characters; no address at all; since 2020.2; see I18N-8759 and the glossary
    en: '{count} of {total} (voucher)',
    ja: 'クーポン:{total}件中{count}件',
  },
  'coupon.voucher.failed': { // banner above the form, phone only; at most 28 characters; imperative, friendly; since 2022.10; see I18N-3045 and the glossary
    en: 'Could not save the voucher. Try again in {seconds} s.',
    ja: 'クーポンを保存できませんでした。{seconds}秒後に再試行してください。',
    ar: 'تعذر حفظ القسيمة. حاول بعد {second} ثانية.',
    ru: 'купон: не удалось сохранить. Повторите через {seconds} с.',
  },
  'coupon.voucher.shipped': { // toast at the lower edge, phone and desktop; at most 28 characters; imperative, friendly; since 2019.5; see I18N-7249 and the glossary
    en: 'Your voucher is on its way 🚚',
    fr: 'bon : en route 🚚',
    ru: 'купон в пути 🚚',
  },
  // profile ─────────────────────────────────────────────────────
  'profile.item.added': { // banner above the form, desktop only, also in the printed summary; at most 28 characters; no address at all; since 2024.11; see I18N-1425 and the glossary
    en: 'The item was added.',
    de: 'Artikel hinzugefügt.',
    fr: 'article : ajouté.',
  },
  'profile.item.confirm': { // push notification, desktop only, also in the printed summary; at most 60 characters; no address at all; since 2022.8; see I18N-8284 and the glossary
    en: 'Remove this item?',
    de: 'Artikel wirklich löschen?',
    ja: 'この商品を削除しますか?',
    ru: 'Удалить товар?',
  },
  'profile.item.empty': { // status line of the table, phone only; at most 120 characters; no address at all; since 2021.6; see I18N-1132 and the glossary
    en: 'No item found for “{query}”.',
    de: 'Kein Treffer (Artikel) für „{query}“.',
    ja: '「{query}」に一致する商品はありません。',
    ar: 'لا يوجد المنتج يطابق «{query}».',
  },
  'profile.item.count': { // toast at the lower edge, phone only; at most 40 characters; imperative, friendly; since 2022.12; see I18N-8657 and the glossary
    en: '{count} of {total} (item)',
    ja: '商品:{total}件中{count}件',
    ar: '{count} من {total} (المنتج)',
  },
  'profile.item.failed': { // toast at the lower edge, phone only; at most 40 characters; formal address (Sie, vous, Вы); since 2024.4; see I18N-4772 and the glossary
    en: 'Could not save the item. Try again in {seconds} s.',
    de: 'Artikel konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    ru: 'товар: не удалось сохранить. Повторите через {seconds} с.',
  },
  'profile.item.shipped': { // toast at the lower edge, phone only; at most 28 characters; formal address (Sie, vous, Вы); since 2021.1; see I18N-2887 and the glossary
    en: 'Your item is on its way 🚚',
    de: 'Artikel ist unterwegs 🚚',
    fr: 'article : en route 🚚',
    ru: 'товар в пути 🚚',
  },
  'profile.address.added': { // banner above the form, phone and desktop; at most 40 characters; formal address (Sie, vous, Вы); since 2019.3; see I18N-5289 and the glossary
    en: 'The address was added.',
  },
  'profile.address.confirm': { // toast at the lower edge, phone only; at most 40 characters; no address at all; since 2022.4; see I18N-7056 and the glossary
    en: 'Remove this address?',
    de: 'Adresse wirklich löschen?',
    ja: 'この住所を削除しますか?',
    ru: 'Удалить адрес?',
  },
  'profile.address.empty': { // dialog title, desktop only, also in the printed summary; at most 90 characters; imperative, friendly; since 2021.6; see I18N-8037 and the glossary
    en: 'No address found for “{query}”.',
    de: 'Kein Treffer (Adresse) für „{query}“.',
    ar: 'لا يوجد العنوان يطابق «{query}».',
    ru: 'адрес: ничего не найдено по «{query}».',
  },
  'profile.address.count': { // banner above the form, desktop only, also in the printed summary; at most 90 characters; formal address (Sie, vous, Вы); since 2024.2; see I18N-8711 and the glossary
    en: '{count} of {total} (address)',
    de: '{count} von {total} (Adresse)',
    ar: '{count} من {total} (العنوان)',
    ru: '{count} из {total} (адрес)',
  },
  'profile.address.failed': { // status line of the table, desktop only, also in the printed summary; at most 90 characters; no address at all; since 2021.10; see I18N-7569 and the glossary
    en: 'Could not save the address. Try again in {seconds} s.',
    ar: 'تعذر حفظ العنوان. حاول بعد {seconds} ثانية.',
  },
  'profile.address.shipped': { // dialog title, phone only; at most 90 characters; no address at all; since 2023.3; see I18N-7129 and the glossary
    en: 'Your address is on its way 🚚',
    de: 'Adresse ist unterwegs 🚚',
    ja: '住所は配送中です 🚚',
  },
  'profile.order.added': { // status line of the table, phone only; at most 90 characters; no address at all; since 2021.8; see I18N-6194 and the glossary
    en: 'The order was added.',
  },
  'profile.order.confirm': { // toast at the lower edge, phone only; at most 120 characters; imperative, friendly; since 2023.11; see I18N-2280 and the glossary
    en: 'Remove this order?',
  },
  'profile.order.empty': { // dialog title, phone only; at most 40 characters; imperative, friendly; since 2021.5; see I18N-5959 and the glossary
    en: 'No order found for “{query}”.',
    de: 'Kein Treffer (Bestellung) für „{query}“.',
    fr: 'Aucun résultat (commande) pour « {query} ».',
  },
  'profile.order.count': { // empty state below the illustration, phone and desktop; at most 60 characters; no address at all; since 2025.6; see I18N-7616 and the glossary
    en: '{count} of {total} (order)',
    de: '{count} von {total} (Bestellung)',
    ja: '注文:{total}件中{count}件',
    ar: '{count} من {total} (الطلب)',
    ru: '{count} из {total} (заказ)',
  },
  'profile.order.failed': { // banner above the form, phone only; at most 90 characters; no address at all; since 2025.2; see I18N-6129 and the glossary
    en: 'Could not save the order. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (commande). Réessayez dans {seconds} s.',
    ru: 'заказ: не удалось сохранить. Повторите через {seconds} с.',
  },
  'profile.order.shipped': { // empty state below the illustration, desktop only, also in the printed summary; at most 28 characters; no address at all; since 2025.11; see I18N-6810 and the glossary
    en: 'Your order is on its way 🚚',
    fr: 'commande : en route 🚚',
    ru: 'заказ в пути 🚚',
  },
  'profile.card.added': { // dialog title, phone and desktop; at most 60 characters; imperative, friendly; since 2024.10; see I18N-7404 and the glossary
    en: 'The card was added.',
    de: 'Karte hinzugefügt.',
    fr: 'carte : ajouté.',
    ru: 'карта: добавлено.',
  },
  'profile.card.confirm': { // banner above the form, phone and desktop; at most 28 characters; imperative, friendly; since 2023.8; see I18N-1439 and the glossary
    en: 'Remove this card?',
    de: 'Karte wirklich löschen?',
    ja: 'このカードを削除しますか?',
  },
  'profile.card.empty': { // dialog title, phone only; at most 90 characters; no address at all; since 2020.2; see I18N-3115 and the glossary
    en: 'No card found for “{query}”.',
    fr: 'Aucun résultat (carte) pour « {query} ».',
  },
  'profile.card.count': { // status line of the table, desktop only, also in the printed summary; at most 90 characters; formal address (Sie, vous, Вы); since 2023.10; see I18N-6084 and the glossary
    en: '{count} of {total} (card)',
    fr: '{count} sur {total} (carte)',
    ja: 'カード:{total}件中{count}件',
  },
  'profile.card.failed': { // banner above the form, phone only; at most 120 characters; no address at all; since 2022.8; see I18N-1640 and the glossary
    en: 'Could not save the card. Try again in {seconds} s.',
    ru: 'карта: не удалось сохранить. Повторите через {seconds} с.',
  },
  'profile.card.shipped': { // banner above the form, phone and desktop; at most 90 characters; formal address (Sie, vous, Вы); since 2020.10; see I18N-8079 and the glossary
    en: 'Your card is on its way 🚚',
    de: 'Karte ist unterwegs 🚚',
    ja: 'カードは配送中です 🚚',
    ar: 'البطاقة في الطريق 🚚',
  },
  'profile.message.added': { // toast at the lower edge, desktop only, also in the printed summary; at most 40 characters; no address at all; since 2022.9; see I18N-2986 and the glossary
    en: 'The message was added.',
    fr: 'message : ajouté.',
    ar: 'تمت إضافة الرسالة.',
  },
  'profile.message.confirm': { // toast at the lower edge, desktop only, also in the printed summary; at most 90 characters; no address at all; since 2021.12; see I18N-7542 and the glossary
    en: 'Remove this message?',
  },
  'profile.message.empty': { // empty state below the illustration, desktop only, also in the printed summary; at most 90 characters; no address at all; since 2022.2; see I18N-2352 and the glossary
    en: 'No message found for “{query}”.',
    de: 'Kein Treffer (Nachricht) für „{query}“.',
    ru: 'сообщение: ничего не найдено по «{query}».',
  },
  'profile.message.count': { // empty state below the illustration, phone and desktop; at most 120 characters; imperative, friendly; since 2022.3; see I18N-2271 and the glossary
    en: '{count} of {total} (message)',
    de: '{count} von {total} (Nachricht)',
    fr: '{count} sur {total} (message)',
  },
  'profile.message.failed': { // toast at the lower edge, desktop only, also in the printed summary; at most 120 characters; imperative, friendly; since 2024.12; see I18N-2684 and the glossary
    en: 'Could not save the message. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (message). Réessayez dans {seconds} s.',
    ja: 'メッセージを保存できませんでした。{seconds}秒後に再試行してください。',
    ar: 'تعذر حفظ الرسالة. حاول بعد {seconds} ثانية.',
  },
  'profile.message.shipped': { // toast at the lower edge, phone only; at most 40 characters; imperative, friendly; since 2024.2; see I18N-4613 and the glossary
    en: 'Your message is on its way 🚚',
    de: 'Nachricht ist unterwegs 🚚',
  },
  'profile.store.added': { // empty state below the illustration, phone only; at most 120 characters; imperative, friendly; since 2020.10; see I18N-4393 and the glossary
    en: 'The store was added.',
    de: 'Filiale hinzugefügt.',
    fr: 'magasin : ajouté.',
    ja: '店舗を追加しました。',
  },
  'profile.store.confirm': { // push notification, phone only; at most 120 characters; no address at all; since 2019.2; see I18N-4580 and the glossary
    en: 'Remove this store?',
    fr: 'Supprimer magasin ?',
  },
  'profile.store.empty': { // banner above the form, phone and desktop; at most 60 characters; formal address (Sie, vous, Вы); since 2023.6; see I18N-7366 and the glossary
    en: 'No store found for “{query}”.',
    fr: 'Aucun résultat (magasin) pour « {query} ».',
    ja: '「{query}」に一致する店舗はありません。',
    ar: 'لا يوجد المتجر يطابق «{query}».',
    ru: 'магазин: ничего не найдено по «{query}».',
  },
  'profile.store.count': { // push notification, desktop only, also in the printed summary; at most 40 characters; imperative, friendly; since 2023.12; see I18N-1217 and the glossary
    en: '{count} of {total} (store)',
    ja: '店舗:{total}件中{count}件',
    ar: '{count} من {total} (المتجر)',
  },
  'profile.store.failed': { // empty state below the illustration, phone and desktop; at most 40 characters; no address at all; since 2020.11; see I18N-1621 and the glossary
    en: 'Could not save the store. Try again in {seconds} s.',
    de: 'Filiale konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    fr: 'Échec de l’enregistrement (magasin). Réessayez dans {seconds} s.',
    ja: '店舗を保存できませんでした。{seconds}秒後に再試行してください。',
  },
  'profile.store.shipped': { // empty state below the illustration, phone and desktop; at most 40 characters; imperative, friendly; since 2021.6; see I18N-4969 and the glossary
    en: 'Your store is on its way 🚚',
    fr: 'magasin : en route 🚚',
    ar: 'المتجر في الطريق 🚚',
  },
  'profile.voucher.added': { // dialog title, phone only; at most 28 characters; formal address (Sie, vous, Вы); since 2025.8; see I18N-2146 and the glossary
    en: 'The voucher was added.',
    de: 'Gutschein hinzugefügt.',
    fr: 'bon : ajouté.',
    ar: 'تمت إضافة القسيمة.',
  },
  'profile.voucher.confirm': { // status line of the table, phone only; at most 40 characters; imperative, friendly; since 2020.4; see I18N-7947 and the glossary
    en: 'Remove this voucher?',
    de: 'Gutschein wirklich löschen?',
    fr: 'Supprimer bon ?',
  },
  'profile.voucher.empty': { // status line of the table, phone only; at most 40 characters; no address at all; since 2022.7; see I18N-9278 and the glossary
    en: 'No voucher found for “{query}”.',
    de: 'Kein Treffer (Gutschein) für „{query}“.',
    ja: '「{query}」に一致するクーポンはありません。',
    ru: 'купон: ничего не найдено по «{query}».',
  },
  'profile.voucher.count': { // banner above the form, desktop only, also in the printed summary; at most 40 characters; no address at all; since 2022.8; see I18N-6011 and the glossary
    en: '{count} of {total} (voucher)',
    ja: 'クーポン:{total}件中{count}件',
    ru: '{count} из {total} (купон)',
  },
  'profile.voucher.failed': { // banner above the form, desktop only, also in the printed summary; at most 60 characters; no address at all; since 2022.7; see I18N-7465 and the glossary
    en: 'Could not save the voucher. Try again in {seconds} s.',
  },
  'profile.voucher.shipped': { // status line of the table, phone and desktop; at most 28 characters; no address at all; since 2023.3; see I18N-4182 and the glossary
    en: 'Your voucher is on its way 🚚',
    de: 'Gutschein ist unterwegs 🚚',
    ar: 'القسيمة في الطريق 🚚',
    ru: 'купон в пути 🚚',
  },
  // security ────────────────────────────────────────────────────
  'security.item.added': { // dialog title, phone and desktop; at most 90 characters; formal address (Sie, vous, Вы); since 2025.6; see I18N-1462 and the glossary
    en: 'The item was added.',
    de: 'Artikel hinzugefügt.',
  },
  'security.item.confirm': { // push notification, phone and desktop; at most 28 characters; formal address (Sie, vous, Вы); since 2025.2; see I18N-7297 and the glossary
    en: 'Remove this item?',
    ja: 'この商品を削除しますか?',
    ru: 'Удалить товар?',
  },
  'security.item.empty': { // banner above the form, desktop only, also in the printed summary; at most 90 characters; imperative, friendly; since 2021.12; see I18N-7743 and the glossary
    en: 'No item found for “{query}”.',
    ja: '「{query}」に一致する商品はありません。',
  },
  'security.item.count': { // empty state below the illustration, desktop only, also in the printed summary; at most 40 characters; imperative, friendly; since 2022.12; see I18N-6047 and the glossary
    en: '{count} of {total} (item)',
    de: '{Count} von {total} (Artikel)',
    ja: '商品:{total}件中{count}件',
    ar: '{count} من {total} (المنتج)',
    ru: '{count} из {total} (товар)',
  },
  'security.item.failed': { // banner above the form, phone and desktop; at most 90 characters; imperative, friendly; since 2025.4; see I18N-4041 and the glossary
    en: 'Could not save the item. Try again in {seconds} s.',
  },
  'security.item.shipped': { // status line of the table, phone only; at most 120 characters; formal address (Sie, vous, Вы); since 2025.11; see I18N-3721 and the glossary
    en: 'Your item is on its way 🚚',
    fr: 'article : en route 🚚',
    ja: '商品は配送中です 🚚',
    ru: 'товар в пути 🚚',
  },
  'security.address.added': { // push notification, desktop only, also in the printed summary; at most 28 characters; formal address (Sie, vous, Вы); since 2020.9; see I18N-1118 and the glossary
    en: 'The address was added.',
    fr: 'adresse : ajouté.',
    ru: 'адрес: добавлено.',
  },
  'security.address.confirm': { // empty state below the illustration, phone only; at most 40 characters; no address at all; since 2024.7; see I18N-7200 and the glossary
    en: 'Remove this address?',
    fr: 'Supprimer adresse ?',
    ja: 'この住所を削除しますか?',
    ru: 'Удалить адрес?',
  },
  'security.address.empty': { // banner above the form, phone only; at most 40 characters; no address at all; since 2022.10; see I18N-8785 and the glossary
    en: 'No address found for “{query}”.',
    fr: 'Aucun résultat (adresse) pour « {query} ».',
    ja: '「{query}」に一致する住所はありません。',
  },
  'security.address.count': { // push notification, phone only; at most 90 characters; formal address (Sie, vous, Вы); since 2023.8; see I18N-7556 and the glossary
    en: '{count} of {total} (address)',
    de: '{count} von {total} (Adresse)',
    ja: '住所:{total}件中{count}件',
    ar: '{count} من {total} (العنوان)',
    ru: '{count} из {total} (адрес)',
  },
  'security.address.failed': { // banner above the form, desktop only, also in the printed summary; at most 120 characters; formal address (Sie, vous, Вы); since 2020.8; see I18N-2426 and the glossary
    en: 'Could not save the address. Try again in {seconds} s.',
    ja: '住所を保存できませんでした。{seconds}秒後に再試行してください。',
    ar: 'تعذر حفظ العنوان. حاول بعد {seconds} ثانية.',
    ru: 'адрес: не удалось сохранить. Повторите через {seconds} с.',
  },
  'security.address.shipped': { // push notification, desktop only, also in the printed summary; at most 28 characters; formal address (Sie, vous, Вы); since 2022.12; see I18N-1478 and the glossary
    en: 'Your address is on its way 🚚',
    fr: 'adresse : en route 🚚',
    ru: 'адрес в пути 🚚',
  },
  'security.order.added': { // dialog title, desktop only, also in the printed summary; at most 90 characters; formal address (Sie, vous, Вы); since 2025.12; see I18N-6452 and the glossary
    en: 'The order was added.',
    ar: 'تمت إضافة الطلب.',
  },
  'security.order.confirm': { // push notification, desktop only, also in the printed summary; at most 90 characters; imperative, friendly; since 2024.9; see I18N-8159 and the glossary
    en: 'Remove this order?',
    de: 'Bestellung wirklich löschen?',
    fr: 'Supprimer commande ?',
    ja: 'この注文を削除しますか?',
    ru: 'Удалить заказ?',
  },
  'security.order.empty': { // toast at the lower edge, phone only; at most 28 characters; imperative, friendly; since 2023.4; see I18N-7359 and the glossary
    en: 'No order found for “{query}”.',
    ja: '「{query}」に一致する注文はありません。',
    ar: 'لا يوجد الطلب يطابق «{query}».',
    ru: 'заказ: ничего не найдено по «{query}».',
  },
  'security.order.count': { // dialog title, phone only; at most 40 characters; no address at all; since 2024.8; see I18N-3415 and the glossary
    en: '{count} of {total} (order)',
    de: '{count} von {total} (Bestellung)',
    ar: '{count} من {total} (الطلب)',
  },
  'security.order.failed': { // push notification, desktop only, also in the printed summary; at most 90 characters; imperative, friendly; since 2025.4; see I18N-9110 and the glossary
    en: 'Could not save the order. Try again in {seconds} s.',
    de: 'Bestellung konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    fr: 'Échec de l’enregistrement (commande). Réessayez dans {seconds} s.',
    ar: 'تعذر حفظ الطلب. حاول بعد {seconds} ثانية.',
  },
  'security.order.shipped': { // dialog title, phone only; at most 90 characters; no address at all; since 2025.11; see I18N-3608 and the glossary
    en: 'Your order is on its way 🚚',
    de: 'Bestellung ist unterwegs 🚚',
    fr: 'commande : en route 🚚',
    ar: 'الطلب في الطريق 🚚',
    ru: 'заказ в пути 🚚',
  },
  'security.card.added': { // dialog title, phone only; at most 120 characters; formal address (Sie, vous, Вы); since 2025.12; see I18N-5981 and the glossary
    en: 'The card was added.',
    fr: 'carte : ajouté.',
    ar: 'تمت إضافة البطاقة.',
  },
  'security.card.confirm': { // toast at the lower edge, phone only; at most 120 characters; formal address (Sie, vous, Вы); since 2024.3; see I18N-7169 and the glossary
    en: 'Remove this card?',
    ar: 'هل تريد حذف البطاقة؟',
    ru: 'Удалить карта?',
  },
  'security.card.empty': { // push notification, phone only; at most 120 characters; no address at all; since 2020.11; see I18N-7619 and the glossary
    en: 'No card found for “{query}”.',
    fr: 'Aucun résultat (carte) pour « {query} ».',
    ru: 'карта: ничего не найдено по «{query}».',
  },
  'security.card.count': { // push notification, desktop only, also in the printed summary; at most 28 characters; no address at all; since 2025.11; see I18N-7260 and the glossary
    en: '{count} of {total} (card)',
    de: '{count} von {total} (Karte)',
    ja: 'カード:{total}件中{count}件',
    ar: '{count} من {total} (البطاقة)',
    ru: '{count} из {total} (карта)',
  },
  'security.card.failed': { // banner above the form, phone and desktop; at most 90 characters; no address at all; since 2024.12; see I18N-8105 and the glossary
    en: 'Could not save the card. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (carte). Réessayez dans {seconds} s.',
    ja: 'カードを保存できませんでした。{seconds}秒後に再試行してください。',
    ru: 'карта: не удалось сохранить. Повторите через {seconds} с.',
  },
  'security.card.shipped': { // banner above the form, phone only; at most 28 characters; imperative, friendly; since 2025.10; see I18N-9830 and the glossary
    en: 'Your card is on its way 🚚',
    fr: 'carte : en route 🚚',
    ar: 'البطاقة في الطريق 🚚',
    ru: 'карта в пути 🚚',
  },
  'security.message.added': { // toast at the lower edge, phone and desktop; at most 40 characters; imperative, friendly; since 2020.11; see I18N-3641 and the glossary
    en: 'The message was added.',
    fr: 'message : ajouté.',
    ar: 'تمت إضافة الرسالة.',
    ru: 'сообщение: добавлено.',
  },
  'security.message.confirm': { // toast at the lower edge, desktop only, also in the printed summary; at most 60 characters; imperative, friendly; since 2023.8; see I18N-3291 and the glossary
    en: 'Remove this message?',
    de: 'Nachricht wirklich löschen?',
    ja: 'このメッセージを削除しますか?',
    ar: 'هل تريد حذف الرسالة؟',
  },
  'security.message.empty': { // empty state below the illustration, phone and desktop; at most 40 characters; imperative, friendly; since 2023.4; see I18N-6882 and the glossary
    en: 'No message found for “{query}”.',
    ja: '「{query}」に一致するメッセージはありません。',
  },
  'security.message.count': { // status line of the table, phone and desktop; at most 60 characters; imperative, friendly; since 2022.12; see I18N-3346 and the glossary
    en: '{count} of {total} (message)',
    fr: '{count} sur {total} (message)',
    ar: '{count} من {total} (الرسالة)',
  },
  'security.message.failed': { // banner above the form, phone and desktop; at most 90 characters; formal address (Sie, vous, Вы); since 2021.7; see I18N-7208 and the glossary
    en: 'Could not save the message. Try again in {seconds} s.',
    de: 'Nachricht konnte nicht gespeichert werden. In {second} s erneut versuchen.',
    ar: 'تعذر حفظ الرسالة. حاول بعد {seconds} ثانية.',
    ru: 'сообщение: не удалось сохранить. Повторите через {seconds} с.',
  },
  'security.message.shipped': { // dialog title, phone only; at most 28 characters; formal address (Sie, vous, Вы); since 2022.4; see I18N-7203 and the glossary
    en: 'Your message is on its way 🚚',
    fr: 'message : en route 🚚',
  },
  'security.store.added': { // toast at the lower edge, desktop only, also in the printed summary; at most 60 characters; imperative, friendly; since 2023.5; see I18N-5440 and the glossary
    en: 'The store was added.',
    ja: '店舗を追加しました。',
    ar: 'تمت إضافة المتجر.',
    ru: 'магазин: добавлено.',
  },
  'security.store.confirm': { // status line of the table, desktop only, also in the printed summary; at most 40 characters; no address at all; since 2019.11; see I18N-9414 and the glossary
    en: 'Remove this store?',
    de: 'Filiale wirklich löschen?',
    fr: 'Supprimer magasin ?',
    ja: 'この店舗を削除しますか?',
    ar: 'هل تريد حذف المتجر؟',
    ru: 'Удалить магазин?',
  },
  'security.store.empty': { // empty state below the illustration, phone only; at most 90 characters; imperative, friendly; since 2024.4; see I18N-6000 and the glossary
    en: 'No store found for “{query}”.',
  },
  'security.store.count': { // push notification, phone and desktop; at most 28 characters; imperative, friendly; since 2020.2; see I18N-3705 and the glossary
    en: '{count} of {total} (store)',
    de: '{count} von {total} (Filiale)',
    ar: '{count} من {total} (المتجر)',
    ru: '{count} из {total} (магазин)',
  },
  'security.store.failed': { // push notification, desktop only, also in the printed summary; at most 120 characters; imperative, friendly; since 2019.7; see I18N-1227 and the glossary
    en: 'Could not save the store. Try again in {seconds} s.',
    de: 'Filiale konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    fr: 'Échec de l’enregistrement (magasin). Réessayez dans {seconds} s.',
    ja: '店舗を保存できませんでした。{seconds}秒後に再試行してください。',
  },
  'security.store.shipped': { // banner above the form, desktop only, also in the printed summary; at most 120 characters; formal address (Sie, vous, Вы); since 2023.8; see I18N-3761 and the glossary
    en: 'Your store is on its way 🚚',
    fr: 'magasin : en route 🚚',
    ja: '店舗は配送中です 🚚',
    ar: 'المتجر في الطريق 🚚',
    ru: 'магазин в пути 🚚',
  },
  'security.voucher.added': { // dialog title, desktop only, also in the printed summary; at most 28 characters; no address at all; since 2021.8; see I18N-5809 and the glossary
    en: 'The voucher was added.',
    ru: 'купон: добавлено.',
  },
  'security.voucher.confirm': { // banner above the form, phone and desktop; at most 90 characters; imperative, friendly; since 2025.8; see I18N-1942 and the glossary
    en: 'Remove this voucher?',
    de: 'Gutschein wirklich löschen?',
    ja: 'このクーポンを削除しますか?',
    ar: 'هل تريد حذف القسيمة؟',
    ru: 'Удалить купон?',
  },
  'security.voucher.empty': { // toast at the lower edge, phone only; at most 28 characters; formal address (Sie, vous, Вы); since 2025.11; see I18N-5098 and the glossary
    en: 'No voucher found for “{query}”.',
  },
  'security.voucher.count': { // empty state below the illustration, phone and desktop; at most 90 characters; imperative, friendly; since 2025.8; see I18N-3651 and the glossary
    en: '{count} of {total} (voucher)',
  },
  'security.voucher.failed': { // toast at the lower edge, phone and desktop; at most 60 characters; formal address (Sie, vous, Вы); since 2020.7; see I18N-7898 and the glossary
    en: 'Could not save the voucher. Try again in {seconds} s.',
    fr: 'Échec de l’enregistrement (bon). Réessayez dans {seconds} s.',
    ar: 'تعذر حفظ القسيمة. حاول بعد {seconds} ثانية.',
    ru: 'купон: не удалось сохранить. Повторите через {seconds} с.',
  },
  'security.voucher.shipped': { // empty state below the illustration, phone only; at most 120 characters; imperative, friendly; since 2024.7; see I18N-3153 and the glossary
    en: 'Your voucher is on its way 🚚',
    ja: 'クーポンは配送中です 🚚',
    ar: 'القسيمة في الطريق 🚚',
    ru: 'купон в пути 🚚',
  },
  // support ─────────────────────────────────────────────────────
  'support.item.added': { // status line of the table, phone only; at most 60 characters; no address at all; since 2022.2; see I18N-8027 and the glossary
    en: 'The item was added.',
    fr: 'article : ajouté.',
    ar: 'تمت إضافة المنتج.',
    ru: 'товар: добавлено.',
  },
  'support.item.confirm': { // toast at the lower edge, desktop only, also in the printed summary; at most 120 characters; imperative, friendly; since 2020.4; see I18N-3436 and the glossary
    en: 'Remove this item?',
    de: 'Artikel wirklich löschen?',
    ja: 'この商品を削除しますか?',
    ru: 'Удалить товар?',
  },
  'support.item.empty': { // push notification, phone and desktop; at most 40 characters; no address at all; since 2022.8; see I18N-2005 and the glossary
    en: 'No item found for “{query}”.',
    de: 'Kein Treffer (Artikel) für „{query}“.',
  },
  'support.item.count': { // empty state below the illustration, phone and desktop; at most 40 characters; formal address (Sie, vous, Вы); since 2019.1; see I18N-6269 and the glossary
    en: '{count} of {total} (item)',
  },
  'support.item.failed': { // status line of the table, phone only; at most 60 characters; no address at all; since 2019.2; see I18N-1223 and the glossary
    en: 'Could not save the item. Try again in {seconds} s.',
    ja: '商品を保存できませんでした。{seconds}秒後に再試行してください。',
  },
  'support.item.shipped': { // banner above the form, phone only; at most 40 characters; imperative, friendly; since 2021.4; see I18N-7292 and the glossary
    en: 'Your item is on its way 🚚',
    ja: '商品は配送中です 🚚',
    ar: 'المنتج في الطريق 🚚',
    ru: 'товар в пути 🚚',
  },
  'support.address.added': { // banner above the form, desktop only, also in the printed summary; at most 60 characters; no address at all; since 2024.8; see I18N-4309 and the glossary
    en: 'The address was added.',
    de: 'Adresse hinzugefügt.',
    fr: 'adresse : ajouté.',
  },
  'support.address.confirm': { // empty state below the illustration, phone only; at most 90 characters; imperative, friendly; since 2024.2; see I18N-8145 and the glossary
    en: 'Remove this address?',
    de: 'Adresse wirklich löschen?',
    fr: 'Supprimer adresse ?',
    ja: 'この住所を削除しますか?',
    ar: 'هل تريد حذف العنوان؟',
    ru: 'Удалить адрес?',
  },
  'support.address.empty': { // banner above the form, phone and desktop; at most 40 characters; no address at all; since 2025.9; see I18N-7293 and the glossary
    en: 'No address found for “{query}”.',
    de: 'Kein Treffer (Adresse) für „{query}“.',
    fr: 'Aucun résultat (adresse) pour « {query} ».',
    ja: '「{query}」に一致する住所はありません。',
    ru: 'адрес: ничего не найдено по «{qeury}».',
  },
  'support.address.count': { // dialog title, phone only; at most 60 characters; imperative, friendly; since 2019.3; see I18N-4668 and the glossary
    en: '{count} of {total} (address)',
    de: '{count} von {total} (Adresse)',
    ar: '{Count} من {total} (العنوان)',
  },
  'support.address.failed': { // dialog title, phone and desktop; at most 120 characters; formal address (Sie, vous, Вы); since 2019.11; see I18N-6692 and the glossary
    en: 'Could not save the address. Try again in {seconds} s.',
    de: 'Adresse konnte nicht gespeichert werden. In {seconds} s erneut versuchen.',
    fr: 'Échec de l’enregistrement (adresse). Réessayez dans {seconds} s.',
    ar: 'تعذر حفظ العنوان. حاول بعد {seconds} ثانية.',
    ru: 'адрес: не удалось сохранить. Повторите через {seconds} с.',
  },
  'support.address.shipped': { // push notification, phone only; at most 40 characters; no address at all; since 2019.9; see I18N-2743 and the glossary
    en: 'Your address is on its way 🚚',
    fr: 'adresse : en route 🚚',
    ja: '住所は配送中です 🚚',
  },
  'support.order.added': { // dialog title, desktop only, also in the printed summary; at most 90 characters; formal address (Sie, vous, Вы); since 2022.4; see I18N-8109 and the glossary
    en: 'The order was added.',
    de: 'Bestellung hinzugefügt.',
    fr: 'commande : ajouté.',
  },
  // stores ──────────────────────────────────────────────────────
}

const LANGS = { de: 'Deutsch', fr: 'français', ja: '日本語', ar: 'العربية', ru: 'русский' }
const slots = text => new Set([...text.matchAll(/\{(?<slot>\p{ID_Start}\p{ID_Continue}*)\}/gu)].map(m => m.groups.slot))
const same = (a, b) => a.size === b.size && a.isSubsetOf(b)

const missing = []
const broken = []
scan: for (const [key, entry] of Object.entries(CATALOG)) {
  if (!entry.en) continue scan
  const wanted = slots(entry.en)
  for (const lang of Object.keys(LANGS)) {
    const text = entry[lang]
    if (text === undefined) {
      missing.push({ key, lang })
      continue
    }
    if (!same(slots(text), wanted)) broken.push({ key, lang, text })
    if (/[\u202a-\u202e\u2066-\u2069]/u.test(text)) throw new Error(`${key}/${lang} hides its direction`)
  }
}
const perLang = Object.fromEntries(Object.entries(Object.groupBy(missing, m => m.lang)).map(([lang, list]) => [lang, list.length]))
log(`${Object.keys(CATALOG).length} messages, ${missing.length} untranslated, ${broken.length} broken`)

phase('Inspect')
const tone = await parallel(Object.entries(LANGS).map(([lang, name]) => () => agent(`Describe the tone of our ${name} messages in two sentences:\n${Object.values(CATALOG).map(e => e[lang]).filter(Boolean).slice(0, 40).join('\n')}`, { label: `tone ${lang}` })))

phase('Translate')
const LIMIT = args?.limit ?? 4
const work = Object.keys(LANGS).flatMap((lang, i) => {
  const mine = [...broken.filter(b => b.lang === lang), ...missing.filter(m => m.lang === lang)]
  return mine.slice(0, LIMIT).map(m => ({ ...m, tone: tone[i] ?? 'neutral' }))
})
const TRANSLATION = { type: 'object', properties: { text: { type: 'string', minLength: 1, maxLength: 160 }, uncertain: { type: 'boolean' } }, required: ['text', 'uncertain'] }
const translated = await pipeline(
  work,
  w => agent(`Translate into ${LANGS[w.lang]} (${w.tone}). Keep every {slot}.\n\n${CATALOG[w.key].en}`, { label: `${w.lang} ${w.key}`, phase: 'Translate', schema: TRANSLATION }),
  (t, w) => ({ ...w, ...t, slotsKept: same(slots(t.text), slots(CATALOG[w.key].en)) }),
  t => (t.uncertain ? agent(`Proofread (${LANGS[t.lang]}): ${t.text}\nEnglish: ${CATALOG[t.key].en}`, { label: `proof ${t.lang} ${t.key}`, phase: 'Proofread' }).then(text => ({ ...t, proofread: text !== null })) : t),
)
return {
  messages: Object.keys(CATALOG).length,
  missing: missing.length,
  perLang,
  broken: broken.map(b => `${b.lang} ${b.key}`),
  translated: translated.filter(Boolean).length,
  lost: translated.filter(t => t === null).length,
  proofread: translated.filter(t => t?.proofread).length,
}
