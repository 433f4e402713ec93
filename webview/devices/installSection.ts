/**
 * Installs the CUDA provider: a button where it is missing, progress lines during the installation, and a button
 * that cancels it.
 */
import { element, setText, show } from '../page/dom.ts';
import { printable } from '../text/printable.ts';
import type { Panel } from '../page/startPanel.ts';
import { t } from '../text/strings.ts';
import { button } from '../page/toolkit.ts';

export interface InstallSection {
  readonly element: HTMLElement;
  /** Shows or hides the section, unless an installation is running. */
  readonly offer: (isMissing: boolean) => void;
}

/** `installed` is called after the provider was installed. */
export function installSection(panel: Panel, installed: () => void): InstallSection {
  let stop: AbortController | undefined;
  const progress = element('p', { role: 'status', class: 'sub' });
  const begin = button(t('Install the CUDA provider'), () => void install());
  const cancel = button(t('Cancel'), () => stop?.abort(), { label: t('Cancel the installation') });
  const section = element(
    'section',
    { 'aria-label': t('CUDA provider') },
    element(
      'p',
      {},
      t(
        "ONNX Runtime's CUDA provider (Linux x64, some 300 MB) is downloaded by its own installer. It also needs the CUDA 12 and cuDNN 9 libraries and a driver.",
      ),
    ),
    element('div', { class: 'toolbar' }, begin, cancel),
    progress,
  );
  section.hidden = true;
  show(cancel, false);

  const install = async () => {
    const control = new AbortController();
    stop = control;
    begin.disabled = true;
    show(cancel, true);
    setText(progress, t('Downloading…'));
    try {
      const onEvent = ({ line }: { readonly line: string }) => setText(progress, printable(line));
      await panel.client.request('devices.install', { provider: 'cuda' }, { signal: control.signal, onEvent });
      setText(progress, t('The CUDA provider is installed.'));
      stop = undefined;
      installed();
    } catch (error) {
      setText(progress, control.signal.aborted ? t('Cancelled') : '');
      panel.notices.error(error, () => void install());
    }
    stop = undefined;
    begin.disabled = false;
    show(cancel, false);
  };
  return {
    element: section,
    offer(isMissing) {
      if (stop === undefined) show(section, isMissing);
    },
  };
}
