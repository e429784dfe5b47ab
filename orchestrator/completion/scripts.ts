/** The word behind `syncline` with which a shell asks what may come next. In no help. */
export const ASK = "__complete";

/** Instead of candidates: names of files may come next, which the shell knows better. */
export const FILES = ":files";

/** What a shell has to run once so that TAB asks us: one candidate a line, TAB, what it is. */
export const SCRIPTS: Readonly<Record<string, string>> = {
  // The bash of macOS is 3.2, without compopt: there files are offered where nothing else is.
  bash: `_syncline() {
  local line
  COMPREPLY=()
  compopt +o default 2>/dev/null
  while IFS= read -r line; do
    if [[ $line == ${FILES} ]]; then
      compopt -o default 2>/dev/null
    else
      printf -v line %q "\${line%%$'\\t'*}"
      COMPREPLY+=("$line")
    fi
  done < <(syncline ${ASK} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _syncline syncline`,

  zsh: `#compdef syncline
_syncline() {
  local line
  local -a found
  for line in "\${(@f)$(syncline ${ASK} "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == ${FILES} ]]; then
      _files
      return
    fi
    [[ -n $line ]] && found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  (( $#found )) && _describe syncline found
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
compdef _syncline syncline`,

  fish: `function __syncline
  set -l found (syncline ${ASK} (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)
  if test "$found" = ${FILES}
    __fish_complete_path (commandline -ct)
  else
    printf '%s\\n' $found
  end
end
complete -c syncline -e
complete -c syncline -f -a '(__syncline)'`,
};
