// Runs a command, "node scripts/withSoftwareVulkan.mjs COMMAND ARGS", where WebGPU finds a Vulkan driver: the system's
// own where there is a graphics card, else the software one (SwiftShader) of Debian's chromium package. Slow, but right.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const folder = '/usr/lib/chromium';
const driver = `${folder}/vk_swiftshader_icd.json`;
const hasCard = ['/dev/dri', '/dev/nvidia0', '/dev/dxg'].some((file) => existsSync(file));
const { VK_ICD_FILENAMES, LD_LIBRARY_PATH } = process.env;
const env = { ...process.env };
if (process.platform === 'linux' && !hasCard && !VK_ICD_FILENAMES) {
  if (!existsSync(driver)) {
    process.stderr.write(
      `There is no graphics card and no ${driver}: install Debian's package chromium, or name a Vulkan driver in VK_ICD_FILENAMES.\n`,
    );
    process.exit(9);
  }
  env.VK_ICD_FILENAMES = driver;
  env.LD_LIBRARY_PATH = [folder, LD_LIBRARY_PATH].filter(Boolean).join(':');
}
const [command, ...args] = process.argv.slice(2);
const { status } = spawnSync(command, args, { env, stdio: 'inherit', shell: process.platform === 'win32' });
process.exit(status ?? 1);
