// Starts `fireball debug --dap`, which does all the rest, and shows what it tells of templates.
const vscode = require('vscode');
const { TemplatesView } = require('./templates-view.js');

exports.activate = (context) => {
  const factory = {
    createDebugAdapterDescriptor: () => {
      const command = vscode.workspace.getConfiguration('fireball').get('command');
      return new vscode.DebugAdapterExecutable(command, ['debug', '--dap']);
    },
  };
  context.subscriptions.push(vscode.debug.registerDebugAdapterDescriptorFactory('fireball', factory), ...new TemplatesView(vscode).register());
};

exports.deactivate = () => undefined;
