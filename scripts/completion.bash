# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Completion of harness command lines in bash. The program prints the commands, options and values that fit
# (harness --complete WORDS); if it prints none, bash completes file names.

_harness() {
	local program=$1 line=${COMP_LINE:0:COMP_POINT} words word after=${COMP_WORDS[COMP_CWORD]} i
	COMPREPLY=()
	read -ra words <<< "$line"
	[[ $line != *[[:blank:]] ]] || words+=('')
	words=("${words[@]:1}")
	word=${words[-1]}

	# after "watch ... --" comes another command line
	if [[ ${words[0]} == watch ]]; then
		for ((i = 1; i < ${#words[@]} - 1; i++)); do
			[[ ${words[i]} == -- ]] || continue
			[[ $i -ne $((${#words[@]} - 2)) ]] || mapfile -t COMPREPLY < <(compgen -c -- "$word")
			return
		done
	fi

	mapfile -t COMPREPLY < <("$program" --complete "${words[@]}" 2> /dev/null)
	# only --help lists the options of this command
	if [[ ${#COMPREPLY[@]} -eq 0 && ${#words[@]} -gt 1 && $word == -* && $word != *=* ]]; then
		mapfile -t COMPREPLY < <("$program" "${words[0]}" --help 2> /dev/null |
			sed -nE 's/^ +(-[a-zA-Z], )?(--[a-z][a-z-]+).*/\2/p' | grep "^$word")
	fi

	# bash splits the word at = and : and replaces only the last piece
	[[ $after != [=:] ]] || after=
	for i in "${!COMPREPLY[@]}"; do
		COMPREPLY[i]=${COMPREPLY[i]#"${word%"$after"}"}
	done
	# no blank after "nic:" and "nic:eth0,": more follows
	if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[:,] ]]; then
		compopt -o nospace 2> /dev/null || true
	fi
}

complete -o bashdefault -o default -F _harness harness
